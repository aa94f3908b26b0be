import { createClient, type Client, type ClientOptions } from "graphql-sse";
import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { atEnd } from "./cleanup.ts";
import { createFeed, explain, type Feed } from "./feed.ts";
import { ask, send } from "./http.ts";
import { Follow, Logout, Self, SetStatus, Status, Updates, type Operation, type UserStatus } from "./operations.ts";
import { SECRET, startServer, type Server } from "./server.ts";
import { collectUpdates, of, type Updates as Heard } from "./updates.ts";

let server: Server;
beforeAll(async () => {
  server = await startServer(`--jwt-secret=${SECRET}`, "--offline-grace=300ms");
});

/** graphql-sse in distinct connections mode, its default. */
interface Caller {
  readonly client: Client;
  /** The name of each event that the server sent. */
  readonly events: Feed<string>;
  readonly connecting: Feed<boolean>;
}

type Token = string | (() => Promise<string>);

function call(to: Server, token: Token, options: Partial<ClientOptions> = {}): Caller {
  const events = createFeed<string>();
  const connecting = createFeed<boolean>();
  const client = createClient({
    url: to.http,
    headers: async () => ({
      authorization: `Bearer ${typeof token === "string" ? token : await token()}`,
      "x-platform": "tv",
    }),
    on: { message: ({ event }) => events.push(event), connecting: connecting.push },
    ...options,
  });
  atEnd(() => client.dispose());
  return { client, events, connecting };
}

async function listen({ client }: Caller): Promise<Heard & { unsubscribe(): void }> {
  const heard = collectUpdates();
  const unsubscribe = client.subscribe<{ userStatusUpdated: readonly UserStatus[] }>(
    { query: Updates.query },
    heard.observer,
  );
  await heard.payloads.next("the snapshot");
  return { ...heard, unsubscribe };
}

async function askOver<Data, Variables extends Record<string, unknown>>(
  { client }: Caller,
  { query }: Operation<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const answers = [];
  for await (const answer of client.iterate<Data>({ query, variables })) answers.push(answer);
  const [first] = answers;
  if (answers.length !== 1 || !first?.data || first.errors) throw new Error(`answered ${JSON.stringify(answers)}`);
  return first.data;
}

/** Bob's stream, from which on he hears of the other. */
async function follow(user: string, other: string): Promise<Heard> {
  await ask(server, Self, {}, await server.token(other));
  const bob = call(server, await server.token(user));
  const { subscribeUserStatus } = await askOver(bob, Follow, { userIDs: [other] });
  expect(subscribeUserStatus.failureUserList).toEqual([]);
  return listen(bob);
}

describe("graphql-sse", () => {
  test("queries, changes and listens", async () => {
    const alice = call(server, await server.token("basic-alice"));
    const heard = await listen(alice);
    const { setSelfStatus } = await askOver(alice, SetStatus, { text: "by events" });
    await heard.until("basic-alice", { customStatus: "by events", version: setSelfStatus.version });
    const { self } = await askOver(alice, Self, {});
    expect(self.status).toMatchObject({ customStatus: "by events", platforms: ["tv"], statusType: "ONLINE" });
  });

  test("hears of others, snapshot first", async () => {
    const alice = call(server, await server.token("others-alice"));
    await askOver(alice, SetStatus, { text: "before" });
    const heard = await follow("others-bob", "others-alice");
    expect(of("others-alice", heard.payloads.all[0] ?? []).customStatus).toBe("before");
    await askOver(alice, SetStatus, { text: "after" });
    await heard.until("others-alice", { customStatus: "after" });
  });

  test("makes its user ONLINE while a subscription is open, and OFFLINE a grace after it", async () => {
    const heard = await follow("presence-bob", "presence-alice");
    const alice = call(server, await server.token("presence-alice"));
    const own = await listen(alice);
    await heard.until("presence-alice", { statusType: "ONLINE" });
    own.unsubscribe();
    expect((await heard.until("presence-alice", { statusType: "OFFLINE" })).platforms).toEqual([]);
  });

  test("changes no one's presence by a query or a mutation", async () => {
    const alice = call(server, await server.token("query-alice"));
    await askOver(alice, SetStatus, { text: "not here" });
    const { userStatus } = await askOver(alice, Status, { userIDs: ["query-alice"] });
    expect(of("query-alice", userStatus.successUserList)).toMatchObject({ statusType: "UNLOGINED", lastOnlineAt: null });
  });

  test("is completed by a logout", async () => {
    const heard = await follow("logout-bob", "logout-alice");
    const alice = call(server, await server.token("logout-alice"));
    const own = await listen(alice);
    const { logout } = await ask(server, Logout, {}, await server.token("logout-alice"));
    expect(logout.statusType).toBe("UNLOGINED");
    expect(await own.statuses.ended("the stream")).toEqual({ kind: "complete" });
    expect(alice.events.all.at(-1)).toBe("complete");
    await heard.until("logout-alice", { statusType: "UNLOGINED" });
  });

  test("sees its stream end without completion at the token's expiry, and comes back with a fresh one", async () => {
    const lifetimes = [3, 3600];
    const fresh = (): Promise<string> => server.token("expiry-alice", undefined, lifetimes.shift());
    const alice = call(server, fresh);
    const heard = await listen(alice);
    await heard.payloads.next("the snapshot of the second connection");
    expect(alice.events.all).not.toContain("complete");
    expect(alice.connecting.all).toEqual([false, true]);
    await ask(server, SetStatus, { text: "renewed" }, await server.token("expiry-alice"));
    await heard.until("expiry-alice", { customStatus: "renewed" });
  });

  test("sees its stream end without completion at a shutdown, and comes back to the restarted server", async () => {
    const deployed = await startServer(`--jwt-secret=${SECRET}`);
    const token = await deployed.token("deploy-alice");
    const alice = call(deployed, token, { retryAttempts: 100, retry: () => pause(100) });
    const heard = await listen(alice);
    const once = call(deployed, token, { retryAttempts: 0 });
    const given = await listen(once);

    await deployed.terminate();
    expect(explain(await given.statuses.ended("the stream"))).toContain("NetworkError");
    expect(once.events.all).not.toContain("complete");
    await deployed.restart();
    await heard.payloads.next("the snapshot of the second connection");
    expect(alice.events.all).not.toContain("complete");
  });

  test("is refused with 429 when its user has too many connections", async () => {
    const small = await startServer(`--jwt-secret=${SECRET}`, "--max-connections-per-user=1");
    const token = await small.token("many-alice");
    await listen(call(small, token));
    const headers = { authorization: `Bearer ${token}`, accept: "text/event-stream", "content-type": "application/json" };
    const body = JSON.stringify({ query: Updates.query });
    expect(await send(small.http, { method: "POST", headers, body })).toMatchObject({ status: 429 });
  });
});
