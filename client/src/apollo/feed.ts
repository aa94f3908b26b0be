import type { ApolloClient } from "@apollo/client";
import { retryDelay } from "../backoff.ts";
import type { Connection, ConnectionState } from "../connection.ts";
import type { UserStatus } from "../types.ts";
import { documents } from "./documents.ts";
import type { RosterContext } from "./link.ts";

export interface FeedListener {
  /** What is shown may be old from here on. */
  lost(): void;
  /** The stream is open anew: its first payload will show how everything is. */
  back(): void;
  /** All is current again. Everyone one is told about is in the list. */
  snapshot(statuses: readonly UserStatus[]): void;
}

/** `userStatusUpdated` with its snapshots, written to the cache for as long as it is open. */
export interface Feed {
  open(): void;
  close(): void;
  /** Whether the connection has ended for good. */
  readonly hasEnded: boolean;
}

/** It is opened anew when the link gives it up, later each time; a `userStatusLink` says besides when its connection is lost. */
export function createFeed(client: ApolloClient, listener: FeedListener): Feed {
  let subscription: { unsubscribe(): void } | undefined;
  let connection: Connection | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  let awaitsSnapshot = true;

  const ended = (): boolean => connection?.current.state === "ended";
  const context: RosterContext = { onUserStatusConnection: (over) => follow(over) };

  function follow(over: Connection): void {
    if (connection !== over) over.onState(changed);
    connection = over;
    if (over.current.reason) listener.lost();
  }
  function changed({ state }: ConnectionState): void {
    if (!subscription) return;
    if (state === "offline" || state === "ended") listener.lost();
    if (state === "online") expectSnapshot();
  }
  function expectSnapshot(): void {
    awaitsSnapshot = true;
    listener.back();
  }
  function heard(statuses: readonly UserStatus[]): void {
    attempt = 0;
    if (!awaitsSnapshot) return;
    awaitsSnapshot = false;
    listener.snapshot(statuses);
  }
  function gone(): void {
    listener.lost();
    if (ended()) return;
    timer = setTimeout(() => {
      expectSnapshot();
      start();
    }, retryDelay(attempt++));
  }
  function start(): void {
    const stream = client.subscribe({ query: documents.updated(), variables: { snapshot: true }, context: { ...context }, errorPolicy: "none" });
    subscription = stream.subscribe({
      next: ({ data }) => data && heard(data.userStatusUpdated),
      error: gone,
      complete: gone,
    });
  }

  return {
    open() {
      if (subscription) return;
      awaitsSnapshot = true;
      start();
    },
    close() {
      clearTimeout(timer);
      const open = subscription;
      subscription = undefined;
      open?.unsubscribe();
    },
    get hasEnded() {
      return ended();
    },
  };
}
