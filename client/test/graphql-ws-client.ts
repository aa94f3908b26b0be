import { createClient, type Client, type ClientOptions } from "graphql-ws";
import { atEnd } from "./cleanup.ts";
import { createFeed, type Feed } from "./feed.ts";
import { Follow, Updates, type Operation, type UserStatus } from "./operations.ts";
import type { Server } from "./server.ts";
import { authorization, recordingSocket, type Closed, type Frame } from "./socket.ts";
import { collectUpdates, type Updates as Heard } from "./updates.ts";

/** The graphql-ws client at its defaults, and what happens to it. */
export interface Caller {
  readonly client: Client;
  /** One entry per attempt: whether it was a retry. */
  readonly connecting: Feed<boolean>;
  readonly opened: Feed<"opened">;
  readonly closes: Feed<Closed>;
  /** All that the server said. */
  readonly frames: Feed<Frame>;
  ask<Data, Variables extends Record<string, unknown>>(
    operation: Operation<Data, Variables>,
    variables: Variables,
  ): Promise<Data>;
  /** Opens `userStatusUpdated` with its snapshot, and resolves once that is there. */
  listen(): Promise<Heard & { unsubscribe(): void }>;
  /** Opens `userStatusUpdated` and does not wait. */
  start(): Heard & { unsubscribe(): void };
}

export function call(
  server: Server,
  token: string | (() => Promise<string>),
  options: Partial<ClientOptions> = {},
): Caller {
  const connecting = createFeed<boolean>();
  const opened = createFeed<"opened">();
  const closes = createFeed<Closed>();
  const frames = createFeed<Frame>();
  const client = createClient({
    url: server.ws,
    webSocketImpl: recordingSocket(frames),
    connectionParams: async () => authorization(typeof token === "string" ? token : await token()),
    on: {
      connecting: connecting.push,
      opened: () => opened.push("opened"),
      closed: (event) => closes.push(asClosed(event)),
    },
    ...options,
  });
  atEnd(() => client.terminate());

  const start = (): Heard & { unsubscribe(): void } => {
    const heard = collectUpdates();
    const unsubscribe = client.subscribe<{ userStatusUpdated: readonly UserStatus[] }>({ query: Updates.query }, heard.observer);
    atEnd(unsubscribe);
    return { ...heard, unsubscribe };
  };
  return {
    client,
    connecting,
    opened,
    closes,
    frames,
    start,
    ask: (operation, variables) => askOver(client, operation, variables),
    async listen() {
      const heard = start();
      await heard.payloads.next("the snapshot");
      return heard;
    },
  };
}

/** Follows others, and hears of them from here on. */
export async function follow(caller: Caller, ...userIDs: string[]): Promise<Heard & { unsubscribe(): void }> {
  const { subscribeUserStatus } = await caller.ask(Follow, { userIDs });
  if (subscribeUserStatus.failureUserList.length > 0) throw new Error(JSON.stringify(subscribeUserStatus));
  return caller.listen();
}

async function askOver<Data, Variables extends Record<string, unknown>>(
  client: Client,
  { query }: Operation<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const answers = [];
  for await (const answer of client.iterate<Data>({ query, variables })) answers.push(answer);
  const [first] = answers;
  if (answers.length !== 1 || !first?.data || first.errors) throw new Error(`answered ${JSON.stringify(answers)}`);
  return first.data;
}

/** graphql-ws leaves the type of its close event to whichever WebSocket is used. */
export function asClosed(event: unknown): Closed {
  if (typeof event === "object" && event !== null && "code" in event && "reason" in event) {
    return { code: Number(event.code), reason: String(event.reason) };
  }
  throw new Error(`not a close event: ${String(event)}`);
}
