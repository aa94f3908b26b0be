import { SubscriptionClient } from "subscriptions-transport-ws";
import { beforeAll, describe, expect, test } from "vitest";
import { atEnd } from "./cleanup.ts";
import { createFeed, type Feed } from "./feed.ts";
import { ask } from "./http.ts";
import { Follow, Logout, Self, SetStatus, Updates, type Operation, type UserStatus } from "./operations.ts";
import { SECRET, startServer, type Server } from "./server.ts";
import { authorization, openSocket, recordingSocket, signIn, type Frame } from "./socket.ts";
import { collectUpdates, of, type Updates as Heard } from "./updates.ts";

let server: Server;
beforeAll(async () => {
  server = await startServer(`--jwt-secret=${SECRET}`, "--offline-grace=300ms", "--ping-interval=1s");
});

/** The client of the older subprotocol, which Apollo Client's WebSocketLink builds on. */
interface Caller {
  readonly client: SubscriptionClient;
  readonly frames: Feed<Frame>;
  /** What `connectionCallback` is told: undefined for an ack, else the payload of `connection_error`. */
  readonly outcomes: Feed<unknown>;
  readonly disconnects: Feed<"disconnected">;
}

function call(token: string): Caller {
  const frames = createFeed<Frame>();
  const outcomes = createFeed<unknown>();
  const disconnects = createFeed<"disconnected">();
  const client = new SubscriptionClient(
    server.ws,
    { connectionParams: authorization(token), connectionCallback: (error: unknown) => outcomes.push(error) },
    recordingSocket(frames),
  );
  client.onError(() => undefined); // what matters of it arrives at connectionCallback and as a disconnect
  client.onDisconnected(() => disconnects.push("disconnected"));
  atEnd(() => client.close());
  return { client, frames, outcomes, disconnects };
}

const connect = async (user: string): Promise<Caller> => call(await server.token(user));

async function listen({ client }: Caller): Promise<Heard & { unsubscribe(): void }> {
  const heard = collectUpdates();
  const { unsubscribe } = client.request({ query: Updates.query }).subscribe({
    ...heard.observer,
    next: (result) => heard.observer.next(result as { data: { userStatusUpdated: readonly UserStatus[] } }),
  });
  await heard.payloads.next("the snapshot");
  return { ...heard, unsubscribe };
}

/** One operation with all of its answers, which the server has to complete. */
async function askOver<Data, Variables extends object>(
  { client }: Caller,
  { query }: Operation<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const answers = createFeed<Data>();
  client.request({ query, variables }).subscribe({
    next: ({ data, errors }) => {
      if (errors) return answers.end({ kind: "error", error: errors });
      answers.push(data as Data);
    },
    error: (error) => answers.end({ kind: "error", error }),
    complete: () => answers.end({ kind: "complete" }),
  });
  const answer = await answers.next("the answer");
  expect(await answers.ended("the operation")).toEqual({ kind: "complete" });
  expect(answers.all).toHaveLength(1);
  return answer;
}

describe("the legacy graphql-ws subprotocol", () => {
  test("acknowledges, and keeps alive with ka", async () => {
    const { frames, outcomes } = await connect("ack-alice");
    expect(await outcomes.next("the ack")).toBeUndefined();
    expect(frames.all[0]?.type).toBe("connection_ack");
    await frames.until("a first ka", ({ type }) => type === "ka");
    await frames.until("a second ka", ({ type }) => type === "ka");
  });

  test("starts, sends data, and completes queries and mutations", async () => {
    const alice = await connect("start-alice");
    const { setSelfStatus } = await askOver(alice, SetStatus, { text: "an older client" });
    expect(setSelfStatus).toMatchObject({ customStatus: "an older client", statusType: "ONLINE", platforms: ["web"] });
    const { self } = await askOver(alice, Self, {});
    expect(self.status.version).toBe(setSelfStatus.version);
  });

  test("tells of others, snapshot first, until it is stopped", async () => {
    const alice = await connect("stop-alice");
    await askOver(alice, SetStatus, { text: "before" });
    const bob = await connect("stop-bob");
    const { subscribeUserStatus } = await askOver(bob, Follow, { userIDs: ["stop-alice"] });
    expect(subscribeUserStatus.failureUserList).toEqual([]);
    const heard = await listen(bob);
    expect(of("stop-alice", heard.payloads.all[0] ?? []).customStatus).toBe("before");

    await askOver(alice, SetStatus, { text: "during" });
    await heard.until("stop-alice", { customStatus: "during" });

    heard.unsubscribe();
    await askOver(bob, Self, {}); // read after the stop, so what comes later is not for the stopped stream
    const stillOpen = await listen(bob);
    await askOver(alice, SetStatus, { text: "after" });
    await stillOpen.until("stop-alice", { customStatus: "after" });
    expect(heard.statuses.all.map(({ customStatus }) => customStatus)).not.toContain("after");
  });

  test("makes its user OFFLINE a grace after the socket is gone", async () => {
    const alice = await connect("offline-alice");
    await listen(alice);
    const bob = await connect("offline-bob");
    await askOver(bob, Follow, { userIDs: ["offline-alice"] });
    const heard = await listen(bob);
    alice.client.close();
    await heard.until("offline-alice", { statusType: "OFFLINE" });
  });

  test("says connection_error to a bad token before it closes", async () => {
    const mallory = call("not.a.token");
    expect(await mallory.outcomes.next("the refusal")).toMatchObject({ message: expect.any(String) });
    await mallory.disconnects.next("the close");
    expect(mallory.frames.all.map(({ type }) => type)).toEqual(["connection_error"]);

    const raw = await openSocket(server.ws, "graphql-ws");
    raw.send({ type: "connection_init", payload: authorization("not.a.token") });
    expect(await raw.frames.next("the refusal")).toMatchObject({ type: "connection_error" });
    expect(await raw.closed("the refused socket")).toMatchObject({ code: 4403 });
  });

  test("closes with 4403 once the token expires", async () => {
    const alice = await signIn(server.ws, await server.token("expiry-alice", undefined, 2), "graphql-ws");
    expect(await alice.closed("the expiry")).toMatchObject({ code: 4403 });
  });

  test("answers a logout first, and then closes with 4401", async () => {
    const alice = await signIn(server.ws, await server.token("logout-alice"), "graphql-ws");
    alice.send({ id: "1", type: "start", payload: { query: Logout.query } });
    const answer = await alice.frames.until("the answer", ({ type }) => type === "data");
    expect(answer).toMatchObject({ id: "1", payload: { data: { logout: { statusType: "UNLOGINED" } } } });
    expect(await alice.closed("the logout")).toMatchObject({ code: 4401 });
  });

  test("ends an operation that doesn't validate with an error, and keeps the socket", async () => {
    const alice = await signIn(server.ws, await server.token("invalid-alice"), "graphql-ws");
    alice.send({ id: "1", type: "start", payload: { query: "{ nothing }" } });
    const error = await alice.frames.until("the error", ({ id }) => id === "1");
    expect(JSON.stringify(error)).toContain("GRAPHQL_VALIDATION_FAILED");
    alice.send({ id: "2", type: "start", payload: { query: Self.query } });
    await alice.frames.until("the next answer", ({ id, type }) => id === "2" && type === "data");
  });

  test("closes at connection_terminate", async () => {
    const alice = await signIn(server.ws, await server.token("terminate-alice"), "graphql-ws");
    alice.send({ type: "connection_terminate" });
    await alice.closed("the end");
  });

  test("tells of what happens over HTTP", async () => {
    const alice = await connect("http-alice");
    const heard = await listen(alice);
    await ask(server, SetStatus, { text: "by curl" }, await server.token("http-alice"));
    await heard.until("http-alice", { customStatus: "by curl" });
  });
});
