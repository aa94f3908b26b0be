import type { ApolloClient } from "@apollo/client";
import { retryDelay } from "../backoff.ts";
import { asUserStatusError } from "../error.ts";
import { unknownStatus } from "../types.ts";
import type { Book, Entry, Failure, UserStatusView } from "./book.ts";
import { documents } from "./documents.ts";

/** How oneself is, as the token has it. */
export interface SelfStatus {
  view(): UserStatusView;
  /** Needs oneself until the returned function is called. */
  watch(listener: () => void): () => void;
}

export interface OwnSelf extends SelfStatus {
  readonly isNeeded: boolean;
  /** One's own user ID, asked for once. */
  id(): Promise<string>;
  /** Asks at once for what could not be had. */
  retry(): void;
  /** Shows whether the connection is lost. */
  show(): void;
  /** After the cache was cleared, which is what apps do when another user logs in. */
  forget(): void;
}

export function createSelf(client: ApolloClient, book: Book, isLost: () => boolean, onRelease: () => void): OwnSelf {
  const listeners = new Set<() => void>();
  let entry: Entry | undefined;
  let failure: Failure | undefined;
  let blank = blankView(failure, isLost());
  let asked: Promise<string> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;

  const tell = (): void => [...listeners].forEach((listener) => listener());
  const show = (): void => {
    blank = blankView(failure, isLost());
    tell();
  };

  function id(): Promise<string> {
    asked ??= askID(client).catch((error: unknown) => {
      asked = undefined;
      throw asUserStatusError(error);
    });
    return asked;
  }

  async function find(): Promise<void> {
    if (entry) return;
    try {
      const userID = await id();
      if (listeners.size > 0 && !entry) hold(userID);
    } catch (error) {
      failure = asUserStatusError(error);
      show();
      clearTimeout(timer);
      if (listeners.size > 0) timer = setTimeout(() => void find(), retryDelay(attempt++));
    }
  }

  function hold(userID: string): void {
    attempt = 0;
    failure = undefined;
    entry = book.hold(userID, tell);
    entry.standing = "own";
    entry.failure = undefined;
    book.show(entry);
    tell();
  }

  function letGo(): void {
    clearTimeout(timer);
    if (entry) book.release(entry, tell);
    entry = undefined;
    onRelease();
  }

  return {
    view: () => entry?.view ?? blank,
    watch(listener) {
      listeners.add(listener);
      void find();
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) letGo();
      };
    },
    id,
    get isNeeded() {
      return listeners.size > 0;
    },
    retry() {
      attempt = 0;
      if (listeners.size > 0) void find();
    },
    show,
    forget() {
      asked = undefined;
      letGo();
      if (listeners.size > 0) void find();
    },
  };
}

async function askID(client: ApolloClient): Promise<string> {
  const { data } = await client.query({ query: documents.self(), fetchPolicy: "network-only", errorPolicy: "none" });
  if (!data) throw new Error("the server answered without data");
  return data.self.status.userID;
}

function blankView(failure: Failure | undefined, lost: boolean): UserStatusView {
  return { status: unknownStatus(""), stale: lost, loading: failure === undefined, failure };
}
