import type { ApolloClient } from "@apollo/client";
import { retryDelay } from "../backoff.ts";
import { asUserStatusError } from "../error.ts";
import { MAX_CHANGE, parts } from "../lists.ts";
import type { UserStatusFailure } from "../types.ts";
import type { Book, Entry } from "./book.ts";
import { documents } from "./documents.ts";

/** Brings the server's subscriptions in line with who is needed. */
export interface Ledger {
  /** Asks soon, for all that one tick needs, in as few requests as may be. */
  schedule(): void;
  /** Asks for these once more. */
  askAgain(entries: readonly Entry[]): void;
  /** Somebody else cancelled the subscriptions to these: asks for them once more, also for those that are asked for just now. */
  cancelled(userIDs: readonly string[]): void;
  /** After a reconnect the waits are short again. */
  calm(): void;
  readonly isWorking: boolean;
}

export interface LedgerOptions {
  readonly client: ApolloClient;
  readonly book: Book;
  /** One's own user ID: to be refused a subscription to oneself is no failure. */
  readonly selfID: () => Promise<string>;
  /** Whether trying again is of no use. */
  readonly hasEnded: () => boolean;
  readonly onGaveBack: (userIDs: readonly string[]) => void;
  /** A round is over. */
  readonly onDone: () => void;
}

const NOT_A_VALID_ID = 70402;
const LIST_IS_FULL = 72900;

export function createLedger({ client, book, selfID, hasEnded, onGaveBack, onDone }: LedgerOptions): Ledger {
  let attempt = 0;
  let working = false;
  let again = false;
  /** Cancelled by somebody else in this round: an answer of it may be older than that. */
  const doubted = new Set<string>();
  let soon: ReturnType<typeof setTimeout> | undefined;
  let later: ReturnType<typeof setTimeout> | undefined;

  const settle = (entry: Entry, standing: Entry["standing"], failure?: Entry["failure"]): void => {
    entry.standing = standing;
    entry.failure = failure;
    book.show(entry);
  };

  function schedule(): void {
    soon ??= setTimeout(() => {
      soon = undefined;
      again = true;
      if (!working) void work();
    }, 0);
  }

  function askAgain(entries: readonly Entry[]): void {
    for (const entry of entries) settle(entry, "unasked", entry.failure);
    if (entries.length > 0) schedule();
  }

  function retryLater(): void {
    if (hasEnded()) return;
    clearTimeout(later);
    later = setTimeout(schedule, retryDelay(attempt++));
  }

  /** One round at a time, so that what is asked for and what is given back never cross. */
  async function work(): Promise<void> {
    working = true;
    while (again) {
      again = false;
      doubted.clear();
      const { wanted, spare } = due(book);
      await Promise.all([
        ...parts(wanted, 2 * MAX_CHANGE).map(subscribe),
        ...parts(spare, MAX_CHANGE).map(giveBack),
      ]);
    }
    working = false;
    onDone();
  }

  async function subscribe(entries: readonly Entry[]): Promise<void> {
    try {
      const failures = await requestSubscription(client, entries.map(({ userID }) => userID));
      const maybeSelf = failures.some(({ code }) => code === NOT_A_VALID_ID);
      settleAll(entries, failures, maybeSelf ? await selfID() : undefined);
      attempt = 0;
    } catch (error) {
      const failure = asUserStatusError(error);
      for (const entry of entries) settle(entry, "unasked", failure);
      retryLater();
    }
  }

  function settleAll(entries: readonly Entry[], failures: readonly UserStatusFailure[], self: string | undefined): void {
    const failed = new Map(failures.map((row) => [row.userID, row]));
    for (const entry of entries) {
      const failure = failed.get(entry.userID);
      if (!failure) settle(entry, doubted.has(entry.userID) ? "unasked" : "followed");
      else if (entry.userID === self) settle(entry, "own");
      else settle(entry, "refused", { code: failure.code, message: failure.message });
    }
  }

  async function giveBack(entries: readonly Entry[]): Promise<void> {
    const userIDList = entries.map(({ userID }) => userID);
    try {
      await client.mutate({ mutation: documents.unsubscribe(), variables: { userIDList }, errorPolicy: "none" });
    } catch {
      return retryLater(); // they stay followed and spare
    }
    for (const entry of entries) settle(entry, "unasked");
    for (const entry of entries) if (entry.count === 0) book.drop(entry);
    again = true; // somebody may need one of them again by now
    onGaveBack(userIDList);
    askAgain([...book.entries.values()].filter(({ failure }) => failure?.code === LIST_IS_FULL));
  }

  function cancelled(userIDs: readonly string[]): void {
    userIDs.forEach((userID) => doubted.add(userID));
    askAgain(userIDs.flatMap((userID) => book.entries.get(userID) ?? []).filter(({ standing }) => standing === "followed"));
    schedule();
  }

  return {
    schedule,
    askAgain,
    cancelled,
    calm() {
      attempt = 0;
      schedule();
    },
    get isWorking() {
      return working;
    },
  };
}

function due(book: Book): { wanted: Entry[]; spare: Entry[] } {
  const entries = [...book.entries.values()];
  return {
    wanted: entries.filter(({ count, standing }) => count > 0 && standing === "unasked"),
    spare: entries.filter(({ count, standing, spare }) => count === 0 && spare && standing === "followed"),
  };
}

/** Two calls of the server's in one request. Resolves with those who failed. */
async function requestSubscription(client: ApolloClient, userIDs: readonly string[]): Promise<UserStatusFailure[]> {
  const variables = { userIDList: userIDs.slice(0, MAX_CHANGE), more: userIDs.slice(MAX_CHANGE) };
  const { data } = await client.mutate({ mutation: documents.subscribe(), variables, errorPolicy: "none" });
  if (!data) throw new Error("the server answered without data");
  return [...data.subscribeUserStatus.failureUserList, ...data.more.failureUserList];
}
