import type { ApolloClient } from "@apollo/client";
import { createBook, type Book, type Entry, type UserStatusView } from "./book.ts";
import { createFeed } from "./feed.ts";
import { createLedger } from "./ledger.ts";
import { createSelf, type OwnSelf, type SelfStatus } from "./self.ts";
import { createSettings, type OwnSettings, type Settings } from "./settings.ts";
import { createTabs } from "./tabs.ts";

/** Who is shown by the components of one Apollo client. */
export interface Roster {
  view(userID: string): UserStatusView;
  /** Needs these users until the returned function is called. */
  watch(userIDs: readonly string[], listener: () => void): () => void;
  readonly self: SelfStatus;
  readonly settings: Settings;
}

/** How long a user is kept whom nobody needs: a remount, or the way to another route, makes no request. */
export const LINGER_MS = 1_000;

const rosters = new WeakMap<ApolloClient, Roster>();

/** The one roster of an Apollo client. Throws if its cache lacks the type policies. */
export function rosterOf(client: ApolloClient): Roster {
  const known = rosters.get(client);
  if (known) return known;
  const roster = createRoster(client);
  rosters.set(client, roster);
  return roster;
}

function createRoster(client: ApolloClient): Roster {
  checkPolicies(client);
  let lost = false;
  let linger: ReturnType<typeof setTimeout> | undefined;
  /** Who was followed when the stream was opened anew: the snapshot has to have them. */
  let expected: readonly Entry[] = [];

  const book = createBook(client, () => lost);
  const self = createSelf(client, book, () => lost, release);
  const settings = createSettings({ client, isLost: () => lost, hasEnded: () => feed.hasEnded, onRelease: release });
  const tabs = createTabs((userIDs) => ledger.cancelled(userIDs));
  const feed = createFeed(client, {
    lost: () => show(true),
    back() {
      expected = standing(book, "followed");
      ledger.askAgain(standing(book, "refused"));
      ledger.calm();
      self.retry();
      settings.renew();
    },
    snapshot(statuses) {
      show(false);
      const told = new Set(statuses.map(({ userID }) => userID));
      ledger.askAgain(expected.filter((entry) => entry.standing === "followed" && !told.has(entry.userID)));
      expected = [];
    },
  });
  const ledger = createLedger({
    client,
    book,
    selfID: self.id,
    hasEnded: () => feed.hasEnded,
    onGaveBack: tabs.gaveBack,
    onDone: () => sweepLater(),
  });

  function show(isLost: boolean): void {
    lost = isLost;
    book.showAll();
    self.show();
    if (isLost) settings.lost();
    else settings.show();
  }

  function open(): void {
    tabs.open();
    feed.open();
  }

  function release(): void {
    linger ??= setTimeout(() => {
      linger = undefined;
      sweep();
    }, LINGER_MS);
  }

  function sweepLater(): void {
    if (unneeded(book).length > 0 || isIdle(book, self, settings)) release();
  }

  /** Gives back those whom nobody needs any more, and closes what is open for nobody. */
  function sweep(): void {
    if (ledger.isWorking) return; // after which it is called
    for (const entry of unneeded(book)) {
      entry.spare = true;
      if (entry.standing !== "followed") book.drop(entry);
    }
    if (unneeded(book).length > 0) ledger.schedule();
    if (!isIdle(book, self, settings)) return;
    feed.close();
    tabs.close();
  }

  async function forget(): Promise<void> {
    book.forget();
    self.forget();
    settings.forget();
    if (isIdle(book, self, settings)) return;
    expected = standing(book, "followed");
    feed.close();
    feed.open();
  }
  client.onClearStore(forget);
  client.onResetStore(forget);

  return {
    view(userID) {
      if (!book.entries.has(userID)) release(); // what is rendered may never be mounted
      return book.entry(userID).view;
    },
    watch(userIDs, listener) {
      open();
      const held = [...new Set(userIDs)].map((userID) => book.hold(userID, listener));
      ledger.schedule();
      return () => {
        for (const entry of held) book.release(entry, listener);
        release();
      };
    },
    self: {
      view: self.view,
      watch(listener) {
        open();
        return self.watch(listener);
      },
    },
    settings: {
      view: settings.view,
      setVisibility: settings.setVisibility,
      block: settings.block,
      unblock: settings.unblock,
      watch(listener) {
        open();
        return settings.watch(listener);
      },
    },
  };
}

function standing(book: Book, wanted: Entry["standing"]): Entry[] {
  return [...book.entries.values()].filter((entry) => entry.standing === wanted);
}

function unneeded(book: Book): Entry[] {
  return [...book.entries.values()].filter(({ count }) => count === 0);
}

function isIdle(book: Book, self: OwnSelf, settings: OwnSettings): boolean {
  return book.entries.size === 0 && !self.isNeeded && !settings.isNeeded;
}

/** Without a key, statuses of different answers would not be one. */
function checkPolicies({ cache }: ApolloClient): void {
  if (cache.identify({ __typename: "UserStatus", userID: "probe" }) !== undefined) return;
  throw new Error('give the cache the typePolicies of "userstatus/apollo": new InMemoryCache({ typePolicies })');
}
