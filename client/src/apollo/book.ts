import type { ApolloClient } from "@apollo/client";
import { unknownStatus, type UserStatus } from "../types.ts";
import { documents } from "./documents.ts";

/** Why there is no status: of a row of `failureUserList`, or of the call. */
export interface Failure {
  readonly code: number;
  readonly message: string;
}

/** A user as shown. The object stays the same until something in it changes. */
export interface UserStatusView {
  /** `UNKNOWN`, with version 0, until something was heard. */
  readonly status: UserStatus;
  /** Nobody keeps it current at the moment: the connection is lost, or the subscription isn't there yet. */
  readonly stale: boolean;
  /** Neither a status nor a failure was heard yet. */
  readonly loading: boolean;
  readonly failure: Failure | undefined;
}

/**
 * `unasked`: to be subscribed to. `followed`: the server tells of them. `refused`: it won't.
 * `own`: it tells of oneself anyway.
 */
export type Standing = "unasked" | "followed" | "refused" | "own";

export interface Entry {
  readonly userID: string;
  /** How many need it. */
  count: number;
  /** Nobody has needed it for a while: it is to be given back. */
  spare: boolean;
  standing: Standing;
  failure: Failure | undefined;
  status: UserStatus | undefined;
  view: UserStatusView;
  readonly listeners: Set<() => void>;
  unwatch: (() => void) | undefined;
}

/** Who is needed, by how many, and how they are: as the cache has it. */
export interface Book {
  readonly entries: ReadonlyMap<string, Entry>;
  /** The user's entry, made if there is none. */
  entry(userID: string): Entry;
  hold(userID: string, listener: () => void): Entry;
  release(entry: Entry, listener: () => void): void;
  /** Shows what was changed in the entry. */
  show(entry: Entry): void;
  showAll(): void;
  drop(entry: Entry): void;
  /** After the cache was cleared: nothing is known, and its watches are gone. */
  forget(): void;
}

export function createBook(client: ApolloClient, isLost: () => boolean): Book {
  const entries = new Map<string, Entry>();

  function entry(userID: string): Entry {
    const known = entries.get(userID);
    if (known) return known;
    const fresh = newEntry(userID, readStatus(client, userID), isLost());
    entries.set(userID, fresh);
    return fresh;
  }

  function show(entry: Entry): void {
    const next = viewOf(entry, isLost());
    if (isSame(next, entry.view)) return;
    entry.view = next;
    for (const listener of [...entry.listeners]) listener();
  }

  function watch(entry: Entry): void {
    entry.unwatch ??= watchStatus(client, entry.userID, (status) => {
      entry.status = status;
      show(entry);
    });
  }

  return {
    entries,
    entry,
    hold(userID, listener) {
      const held = entry(userID);
      held.count++;
      held.spare = false;
      held.listeners.add(listener);
      watch(held);
      return held;
    },
    release(entry, listener) {
      entry.count--;
      entry.listeners.delete(listener);
    },
    show,
    showAll: () => entries.forEach(show),
    drop(entry) {
      entry.unwatch?.();
      entries.delete(entry.userID);
    },
    forget() {
      for (const entry of entries.values()) {
        entry.unwatch?.();
        entry.unwatch = undefined;
        entry.status = undefined;
        if (entry.count > 0) watch(entry);
        show(entry);
      }
    },
  };
}

function newEntry(userID: string, status: UserStatus | undefined, lost: boolean): Entry {
  const fields = { userID, standing: "unasked" as Standing, failure: undefined, status };
  return { ...fields, count: 0, spare: false, view: viewOf(fields, lost), listeners: new Set(), unwatch: undefined };
}

function viewOf({ userID, status, standing, failure }: Pick<Entry, "userID" | "status" | "standing" | "failure">, lost: boolean): UserStatusView {
  return {
    status: status ?? unknownStatus(userID),
    stale: lost || (status !== undefined && standing === "unasked"),
    loading: status === undefined && failure === undefined,
    failure,
  };
}

function isSame(a: UserStatusView, b: UserStatusView): boolean {
  const sameStatus = a.status === b.status || (a.status.version === 0 && b.status.version === 0);
  return sameStatus && a.stale === b.stale && a.loading === b.loading && a.failure === b.failure;
}

const from = (userID: string): { __typename: string; userID: string } => ({ __typename: "UserStatus", userID });

function readStatus(client: ApolloClient, userID: string): UserStatus | undefined {
  return client.readFragment<UserStatus>({ fragment: documents.everyStatus(), from: from(userID), optimistic: true }) ?? undefined;
}

/** Calls back with each status that is complete; a query of the app's may have brought a part of one. */
function watchStatus(client: ApolloClient, userID: string, callback: (status: UserStatus) => void): () => void {
  const subscription = client
    .watchFragment<UserStatus>({ fragment: documents.everyStatus(), from: from(userID), optimistic: true })
    .subscribe(({ complete, data }) => {
      if (complete) callback(data as UserStatus);
    });
  return () => subscription.unsubscribe();
}
