import { setTimeout as pause } from "node:timers/promises";
import { decodeJwt } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { asClosed, call, follow } from "./graphql-ws-client.ts";
import { ask, post } from "./http.ts";
import { Follow, Logout, Remove, Self, SetStatus, Status, Unfollow, Updates } from "./operations.ts";
import { SECRET, startServer, type Server } from "./server.ts";
import { signIn } from "./socket.ts";
import { of } from "./updates.ts";

let server: Server;
beforeAll(async () => {
  server = await startServer(`--jwt-secret=${SECRET}`, "--offline-grace=300ms", "--ping-interval=1s");
});

const startAnother = (...flags: string[]): Promise<Server> => startServer(`--jwt-secret=${SECRET}`, ...flags);

/** The error with which graphql-ws gives up, as the close event that it is. */
async function givenUp(ended: Promise<{ kind: "complete" } | { kind: "error"; error: unknown }>) {
  const ending = await ended;
  if (ending.kind === "complete") throw new Error("completed, where it was to end with a close event");
  return asClosed(ending.error);
}

describe("the graphql-ws client at its defaults", () => {
  test("queries, changes and listens over one socket, and closes it in order", async () => {
    const alice = call(server, await server.token("basic-alice"));
    const heard = await alice.listen();
    const { setSelfStatus } = await alice.ask(SetStatus, { text: "hello" });
    await heard.until("basic-alice", { customStatus: "hello", version: setSelfStatus.version });
    const { self } = await alice.ask(Self, {});
    expect(self.status).toMatchObject({ statusType: "ONLINE", customStatus: "hello", platforms: ["web"] });

    heard.unsubscribe();
    expect(await alice.closes.next("the socket closing")).toMatchObject({ code: 1000 });
    expect(alice.opened.all).toHaveLength(1);
  });

  test("stops hearing what it completed, and goes on hearing the rest", async () => {
    const alice = call(server, await server.token("complete-alice"));
    const first = await alice.listen();
    const second = await alice.listen();
    first.unsubscribe();

    await alice.ask(SetStatus, { text: "to one only" });
    await second.until("complete-alice", { customStatus: "to one only" });
    expect(await first.statuses.ended("what was unsubscribed")).toEqual({ kind: "complete" });
    expect(first.statuses.all.map(({ customStatus }) => customStatus)).not.toContain("to one only");
  });

  test("is told why an operation doesn't validate, and keeps its socket", async () => {
    const alice = call(server, await server.token("invalid-alice"));
    await alice.listen();
    const failed = alice.client.iterate({ query: "subscription { userStatusUpdated { nothing } }" }).next();
    await expect(failed).rejects.toEqual([
      expect.objectContaining({ extensions: expect.objectContaining({ code: "GRAPHQL_VALIDATION_FAILED" }) }),
    ]);
    await alice.ask(Self, {});
    expect(alice.opened.all).toHaveLength(1);
  });

  test("sees who is gone without a goodbye as OFFLINE after the grace, whatever they had open", async () => {
    const alice = await signIn(server.ws, await server.token("lost-alice"));
    alice.send({ id: "1", type: "subscribe", payload: { query: Updates.query } });
    await alice.frames.until("the snapshot", ({ type }) => type === "next");
    const bob = call(server, await server.token("lost-bob"));
    const heard = await follow(bob, "lost-alice");

    alice.terminate();
    await heard.until("lost-alice", { statusType: "OFFLINE" });
  });

  test("sees who answers no ping as OFFLINE, though their socket is open", async () => {
    const frozen = await signIn(server.ws, await server.token("frozen-alice"), undefined, { mute: true });
    const bob = call(server, await server.token("frozen-bob"));
    const heard = await follow(bob, "frozen-alice");
    const closesBefore = bob.closes.all.length;

    await heard.until("frozen-alice", { statusType: "OFFLINE" });
    await frozen.closed("the frozen socket closing");
    expect(bob.closes.all).toHaveLength(closesBefore);
  });

  test("does not come back after a logout", async () => {
    const alice = call(server, await server.token("logout-alice"));
    const heard = await alice.listen();
    const { logout } = await alice.ask(Logout, {});
    expect(logout.statusType).toBe("UNLOGINED");

    expect(await givenUp(heard.statuses.ended("the stream"))).toMatchObject({ code: 4401 });
    expect(alice.connecting.all).toHaveLength(1);
  });

  test("is logged out on all devices by a call over plain HTTP", async () => {
    const token = await server.token("devices-alice");
    const devices = [call(server, token), call(server, token)];
    const streams = await Promise.all(devices.map((device) => device.listen()));
    await ask(server, Logout, {}, token);
    for (const stream of streams) {
      expect(await givenUp(stream.statuses.ended("the stream"))).toMatchObject({ code: 4401 });
    }
  });

  test("hears at once of whom it follows, and no more of whom it doesn't, on a stream that was open before", async () => {
    const alice = await server.token("open-alice");
    await ask(server, SetStatus, { text: "already said" }, alice);
    const bob = call(server, await server.token("open-bob"));
    const heard = await bob.listen();

    await bob.ask(Follow, { userIDs: ["open-alice"] });
    await heard.until("open-alice", { customStatus: "already said" }); // the stream asked for snapshots
    await ask(server, SetStatus, { text: "heard" }, alice);
    await heard.until("open-alice", { customStatus: "heard" });

    await bob.ask(Unfollow, { userIDs: ["open-alice"] });
    await ask(server, SetStatus, { text: "unheard" }, alice);
    await bob.ask(SetStatus, { text: "after that" });
    await heard.until("open-bob", { customStatus: "after that" });
    expect(heard.statuses.all.map(({ customStatus }) => customStatus)).not.toContain("unheard");
  });

  test("hears of a text that is cleared when its time has come", async () => {
    const alice = call(server, await server.token("timed-alice"));
    const heard = await alice.listen();
    const expiresAt = new Date(Date.now() + 700).toISOString();
    const { setSelfStatus } = await alice.ask(SetStatus, { text: "for a moment", expiresAt });
    expect(setSelfStatus.customStatusExpiresAt).toBe(expiresAt);
    await heard.until("timed-alice", { customStatus: "for a moment" });

    const cleared = await heard.until("timed-alice", { customStatus: "", customStatusExpiresAt: null });
    expect(cleared.version).toBeGreaterThan(setSelfStatus.version);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
  });

  test("is closed with 4401 when its user is removed, which others hear of as UNLOGINED", async () => {
    const alice = call(server, await server.token("removed-alice"));
    const own = await alice.listen();
    await alice.ask(SetStatus, { text: "goes with me" });
    const bob = call(server, await server.token("removed-bob"));
    const heard = await follow(bob, "removed-alice");

    await ask(server, Remove, { userIDs: ["removed-alice"] }, await server.token("admin", "admin"));
    expect(await givenUp(own.statuses.ended("the stream"))).toMatchObject({ code: 4401 });
    await heard.until("removed-alice", { statusType: "UNLOGINED", customStatus: "" });
  });

  test("is refused before its ack when its user has too many connections, and those that are there stay", async () => {
    const small = await startAnother("--max-connections-per-user=2");
    const token = await small.token("many-alice");
    const first = await call(small, token).listen();
    await call(small, token).listen();

    const third = call(small, token);
    expect(await givenUp(third.start().statuses.ended("the third"))).toMatchObject({ code: 4429 });
    expect(third.frames.all).toEqual([]);
    await ask(small, SetStatus, { text: "still two" }, token);
    await first.until("many-alice", { customStatus: "still two" });
  });
});

/** What a graphql-ws client needs to outlast a restart: by default it gives up once a connect is refused. */
const PERSISTENT = { shouldRetry: () => true, retryAttempts: 100, retryWait: () => pause(100) };

describe.concurrent("the graphql-ws client and time", () => {
  test("connects at most 6 times in 10 s with a bad token, each time told 4403", async () => {
    const mallory = call(server, "not.a.token");
    mallory.start();
    await pause(10_000); // what is promised is a figure over 10 s
    expect(mallory.connecting.all.length).toBeGreaterThan(1);
    expect(mallory.connecting.all.length).toBeLessThanOrEqual(6);
    expect(mallory.opened.all.length).toBeLessThanOrEqual(6);
    expect(new Set(mallory.closes.all.map(({ code }) => code))).toEqual(new Set([4403]));
    expect(mallory.frames.all).toEqual([]);
  });

  test("is closed with 4403 within 2 s of its token's expiry, and goes on with a fresh token", async () => {
    const tokens: string[] = [];
    const alice = call(server, async () => {
      const token = await server.token("expiry-alice", undefined, tokens.length === 0 ? 3 : 3600);
      tokens.push(token);
      return token;
    });
    const heard = await alice.listen();
    const closed = await alice.closes.next("the expiry");
    const late = Date.now() - (decodeJwt(tokens[0] ?? "").exp ?? 0) * 1000;
    expect(closed.code).toBe(4403);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThanOrEqual(2000);

    await heard.payloads.next("the snapshot of the new connection");
    await alice.ask(SetStatus, { text: "renewed" });
    await heard.until("expiry-alice", { customStatus: "renewed" });
    expect(tokens).toHaveLength(2);
    expect(alice.frames.all.filter(({ type }) => type === "complete")).toHaveLength(1); // of setSelfStatus
  });

  test("resubscribes by itself after a deploy: closed with 1001, no complete, and the snapshot again", async () => {
    const deployed = await startAnother();
    const alice = call(deployed, await deployed.token("deploy-alice"), PERSISTENT);
    const heard = await alice.listen();
    await ask(deployed, SetStatus, { text: "before the deploy" }, await deployed.token("deploy-alice"));
    await heard.until("deploy-alice", { customStatus: "before the deploy" });

    await deployed.terminate();
    expect(await alice.closes.next("the shutdown")).toMatchObject({ code: 1001 });
    expect(alice.frames.all.map(({ type }) => type)).not.toContain("complete");

    await deployed.restart();
    const snapshot = await heard.payloads.next("the snapshot of the new connection");
    expect(of("deploy-alice", snapshot)).toMatchObject({ customStatus: "before the deploy" });
    await alice.ask(SetStatus, { text: "after the deploy" });
    await heard.until("deploy-alice", { customStatus: "after the deploy" });
  });

  test("finds what was acknowledged after a crash, those who came back online and the others not", async () => {
    const crashing = await startAnother("--offline-grace=4s");
    const alice = call(crashing, await crashing.token("crash-alice"), { retryAttempts: 0 });
    await alice.listen();
    const bob = call(crashing, await crashing.token("crash-bob"), PERSISTENT);
    const heard = await follow(bob, "crash-alice");
    const { setSelfStatus } = await alice.ask(SetStatus, { text: "acknowledged" });

    await crashing.kill();
    await crashing.restart();
    const offline = await heard.until("crash-alice", { statusType: "OFFLINE" });
    expect(offline.customStatus).toBe("acknowledged");
    expect(offline.version).toBeGreaterThan(setSelfStatus.version);
    const { userStatus } = await bob.ask(Status, { userIDs: ["crash-bob"] });
    expect(of("crash-bob", userStatus.successUserList).statusType).toBe("ONLINE");
  });
});

test("a bad token is 401 over HTTP, for the whole request", async () => {
  const answer = await post(server, Self, {}, "not.a.token");
  expect(answer.status).toBe(401);
  expect(answer.data ?? null).toBeNull();
});
