import type { ApolloClient } from "@apollo/client";
import { retryDelay } from "../backoff.ts";
import { asUserStatusError } from "../error.ts";
import { checkedList, inParts, MAX_CHANGE } from "../lists.ts";
import { onShown, ownDocument } from "../page.ts";
import type { Self, UserStatusFailure, Visibility } from "../types.ts";
import type { Failure } from "./book.ts";
import { documents } from "./documents.ts";
import { perform } from "./perform.ts";

/** What one has set for oneself, and nobody else sees. */
export type SelfSettings = Pick<Self, "visibility" | "blockedUserIDs">;

export interface SelfSettingsView {
  /** Undefined until something was heard. */
  readonly self: SelfSettings | undefined;
  /** It may have changed on another device: the connection is lost, or the answer after it isn't there yet. */
  readonly stale: boolean;
  /** Neither it nor a failure was heard yet. */
  readonly loading: boolean;
  /** Why it could not be had when it was last asked for. */
  readonly failure: Failure | undefined;
}

/** One's own settings, as the cache has them; each change rejects with a `UserStatusError`, and is shown when it resolves. */
export interface Settings {
  view(): SelfSettingsView;
  /** Needs them until the returned function is called: they are asked for now, and whenever the page is shown again. */
  watch(listener: () => void): () => void;
  setVisibility(visibility: Visibility): Promise<Self>;
  block(userIDs: readonly string[]): Promise<readonly UserStatusFailure[]>;
  unblock(userIDs?: readonly string[]): Promise<readonly UserStatusFailure[]>;
}

export interface OwnSettings extends Settings {
  readonly isNeeded: boolean;
  /** Shows whether the connection is lost. */
  show(): void;
  /** The connection is lost: what is known may be old. */
  lost(): void;
  /** There is a connection again: asks anew. */
  renew(): void;
  /** After the cache was cleared. */
  forget(): void;
}

export interface SettingsOptions {
  readonly client: ApolloClient;
  readonly isLost: () => boolean;
  readonly hasEnded: () => boolean;
  /** Nobody needs them any more. */
  readonly onRelease: () => void;
}

export function createSettings({ client, isLost, hasEnded, onRelease }: SettingsOptions): OwnSettings {
  const listeners = new Set<() => void>();
  let self = readSettings(client);
  let failure: Failure | undefined;
  /** Answered since they are needed, and since the connection was lost. */
  let isFresh = false;
  let view = viewNow();
  let unwatch = (): void => {};
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  function viewNow(): SelfSettingsView {
    return { self, stale: isLost() || (self !== undefined && !isFresh), loading: self === undefined && failure === undefined, failure };
  }
  function show(): void {
    const now = viewNow();
    if (isSame(now, view)) return;
    view = now;
    for (const listener of [...listeners]) listener();
  }
  /** What is new in the cache the server has just said, whoever asked. */
  function heard(): void {
    const now = readSettings(client);
    if (now && now !== self) {
      self = now;
      isFresh = true;
      failure = undefined;
    }
    show();
  }

  /** One question at a time, so that the last answer is the newest; asked for meanwhile, there is another after it. */
  function refresh(): Promise<void> {
    clearTimeout(timer);
    if (!asking) {
      asking = ask().finally(() => (asking = undefined));
      return asking;
    }
    next ??= asking.then(() => {
      next = undefined;
      return refresh();
    });
    return next;
  }
  /** A question under way will do: one that a lost connection left is sent again. */
  function renew(): void {
    if (!asking) void refresh();
  }
  async function ask(): Promise<void> {
    try {
      // at first together with those who ask for the own ID; later an answer that is under way may be too old
      const context = { queryDeduplication: self === undefined };
      await client.query({ query: documents.self(), fetchPolicy: "network-only", errorPolicy: "none", context });
      failure = undefined;
      attempt = 0;
      isFresh = true;
    } catch (error) {
      failure = asUserStatusError(error);
      if (listeners.size > 0 && !hasEnded()) timer = setTimeout(() => void refresh(), retryDelay(attempt++));
    }
    heard();
  }

  function start(): void {
    self = readSettings(client);
    const page = ownDocument();
    const forgetShown = page ? onShown(page, () => void refresh()) : () => {};
    const forgetCache = watchSettings(client, heard);
    unwatch = () => {
      forgetShown();
      forgetCache();
    };
    show();
  }
  function stop(): void {
    clearTimeout(timer);
    unwatch();
    isFresh = false;
    show();
  }
  /** The answer has no list in it, so that is asked for, also where a part of the change failed. */
  const listed = <T>(change: Promise<T>): Promise<T> => change.finally(refresh);

  return {
    view: () => view,
    watch(listener) {
      listeners.add(listener);
      if (listeners.size === 1) {
        start();
        renew();
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        stop();
        onRelease();
      };
    },
    async setVisibility(visibility) {
      const { setSelfVisibility } = await perform(client, documents.setSelfVisibility(), { visibility });
      if (asking) await refresh(); // whose answer may be older than this
      return setSelfVisibility;
    },
    block: (userIDs) => listed(blockUsers(client, userIDs)),
    unblock: (userIDs = []) => listed(unblockUsers(client, userIDs)),
    get isNeeded() {
      return listeners.size > 0;
    },
    show,
    lost() {
      isFresh = false;
      show();
    },
    renew() {
      attempt = 0;
      if (listeners.size > 0) renew();
    },
    forget() {
      stop();
      self = undefined;
      failure = undefined;
      show();
      if (listeners.size === 0) return;
      start();
      void refresh();
    },
  };
}

async function blockUsers(client: ApolloClient, userIDs: readonly string[]): Promise<UserStatusFailure[]> {
  const answers = await inParts(checkedList(userIDs), MAX_CHANGE, (userIDList) => perform(client, documents.blockUsers(), { userIDList }));
  return answers.flatMap(({ blockUsers }) => blockUsers.failureUserList);
}

async function unblockUsers(client: ApolloClient, userIDs: readonly string[]): Promise<UserStatusFailure[]> {
  const answers = await inParts(checkedList(userIDs), MAX_CHANGE, (userIDList) => perform(client, documents.unblockUsers(), { userIDList }));
  return answers.flatMap(({ unblockUsers }) => unblockUsers.failureUserList);
}

const from = { __typename: "Self" };

function readSettings(client: ApolloClient): SelfSettings | undefined {
  return client.readFragment<SelfSettings>({ fragment: documents.everySetting(), from, optimistic: true }) ?? undefined;
}

/** Calls back at each change that leaves them complete. */
function watchSettings(client: ApolloClient, callback: () => void): () => void {
  const subscription = client
    .watchFragment<SelfSettings>({ fragment: documents.everySetting(), from, optimistic: true })
    .subscribe(({ complete }) => {
      if (complete) callback();
    });
  return () => subscription.unsubscribe();
}

function isSame(a: SelfSettingsView, b: SelfSettingsView): boolean {
  return a.self === b.self && a.stale === b.stale && a.loading === b.loading && a.failure === b.failure;
}
