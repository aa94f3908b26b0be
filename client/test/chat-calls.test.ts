import { beforeAll, describe, expect, test, vi } from "vitest";
import { UserStatusError } from "../src/index.ts";
import { open, openAs } from "./chat.ts";
import { ask } from "./http.ts";
import { Following, Register, Self } from "./operations.ts";
import { SECRET, startServer, type Server } from "./server.ts";
import { createWire } from "./wire.ts";

let server: Server;
beforeAll(async () => {
  server = await startServer(`--jwt-secret=${SECRET}`, "--offline-grace=300ms");
});

const users = (count: number, prefix: string): string[] => Array.from({ length: count }, (_, n) => `${prefix}-${n}`);

async function register(userIDs: readonly string[]): Promise<void> {
  const admin = await server.token("admin", "admin");
  for (let from = 0; from < userIDs.length; from += 100) {
    await ask(server, Register, { userIDs: userIDs.slice(from, from + 100) }, admin);
  }
}

/** What a promise rejects with. */
async function rejection(promise: Promise<unknown>): Promise<UserStatusError> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(UserStatusError);
  expect(thrown).toBeInstanceOf(Error);
  expect((thrown as Error).message).toMatch(/\w+ \w+/);
  return thrown as UserStatusError;
}

describe("a list that is longer than a call", () => {
  test("of 1,050 users to query is asked for in three calls, and answered in order", async () => {
    const wire = createWire();
    const { chat } = await openAs(server, "query-alice", { webSocketImpl: wire.webSocketImpl });
    const known = users(520, "query");
    await register(known);
    const asked = [...known.slice(0, 510), ...users(530, "query-nobody"), ...known.slice(510)];
    const { data } = await chat.getUserStatus({ userIDList: [...asked, ...asked.slice(0, 20)] });

    expect(data.successUserList.map(({ userID }) => userID)).toEqual(known);
    expect(data.failureUserList.map(({ userID, code }) => [userID, code])).toEqual(
      users(530, "query-nobody").map((userID) => [userID, 70107]),
    );
    expect(wire.operations().filter((name) => name === "GetUserStatus")).toHaveLength(3);
  });

  test("of 250 users is subscribed to and cancelled in three calls each, all of it", async () => {
    const wire = createWire();
    const token = await server.token("many-alice");
    const { chat } = open({ url: server.url, token, webSocketImpl: wire.webSocketImpl });
    const known = users(250, "many");
    await register(known);
    const { data } = await chat.subscribeUserStatus({ userIDList: known });
    expect(data.successUserList.map(({ userID }) => userID)).toEqual(known);
    expect((await ask(server, Following, {}, token)).subscribedUserStatus).toHaveLength(250);

    expect(await chat.unsubscribeUserStatus({ userIDList: known })).toEqual({ data: { failureUserList: [] } });
    expect((await ask(server, Following, {}, token)).subscribedUserStatus).toEqual([]);
    expect(wire.operations().filter((name) => name === "SubscribeUserStatus")).toHaveLength(3);
    expect(wire.operations().filter((name) => name === "UnsubscribeUserStatus")).toHaveLength(3);
  });

  test("of which a part is refused rejects, and says which part", async () => {
    const { chat } = await openAs(server, "part-alice");
    const asked = [...users(250, "part"), {} as unknown as string];
    const error = await rejection(chat.subscribeUserStatus({ userIDList: asked }));
    expect(error).toMatchObject({ code: 6017, reason: "BAD_USER_INPUT" });
    expect(error.message).toMatch(/part 3 of 3 \(users 201 to 251\), 2 of the parts were done/);
  });

  test("that is empty cancels all only where it says so", async () => {
    const token = await server.token("empty-alice");
    const { chat } = open({ url: server.url, token });
    await register(["empty-bob"]);
    await chat.subscribeUserStatus({ userIDList: ["empty-bob"] });
    expect((await chat.getUserStatus({ userIDList: [] })).data).toEqual({ successUserList: [], failureUserList: [] });
    expect((await chat.subscribeUserStatus({ userIDList: [] })).data).toEqual({ successUserList: [], failureUserList: [] });
    expect((await ask(server, Following, {}, token)).subscribedUserStatus).toHaveLength(1);
    await chat.unsubscribeUserStatus({ userIDList: [] });
    expect((await ask(server, Following, {}, token)).subscribedUserStatus).toEqual([]);
  });
});

describe("bad input", () => {
  test("of 200 bytes as a status has the server's code and sentence", async () => {
    const { chat } = await openAs(server, "bad-alice");
    const error = await rejection(chat.setSelfStatus({ customStatus: "x".repeat(200) }));
    expect(error).toMatchObject({ code: 6017, reason: "BAD_USER_INPUT", name: "UserStatusError" });
    expect(error.message).toMatch(/\b200\b.*\b100\b/);
  });

  test("as an expiry is refused, whether it is past or no time at all", async () => {
    const { chat } = await openAs(server, "expiry-alice");
    const set = (expiresAt: Date | string) => chat.setSelfStatus({ customStatus: "late", expiresAt });
    expect(await rejection(set(new Date(Date.now() - 60_000)))).toMatchObject({ code: 6017, message: expect.stringMatching(/past/) });
    expect((await rejection(set(new Date("never")))).code).toBe(6017);
    expect((await rejection(set("never"))).code).toBe(6017);
    const inAnHour = new Date(Date.now() + 3_600_000);
    expect((await set(inAnHour)).data.customStatusExpiresAt).toBe(inAnHour.toISOString());
  });

  test("that TypeScript would not let through is rejected all the same", async () => {
    const { chat } = await openAs(server, "untyped-alice");
    const untyped = chat as unknown as Record<string, (options?: unknown) => Promise<unknown>>;
    for (const call of ["getUserStatus", "subscribeUserStatus"]) {
      for (const options of [undefined, {}, { userIDList: "alice" }]) {
        expect((await rejection(untyped[call]?.(options) as Promise<unknown>)).code).toBe(6017);
      }
    }
    expect((await rejection(untyped["setSelfStatus"]?.() as Promise<unknown>)).code).toBe(6017);
    expect((await rejection(untyped["setSelfStatus"]?.({ customStatus: 5 }) as Promise<unknown>)).code).toBe(6017);
  });

  test("as a user ID is a row of its own", async () => {
    const { chat } = await openAs(server, "id-alice");
    const { data } = await chat.subscribeUserStatus({ userIDList: ["", "x".repeat(129), "id-alice", "id-nobody"] });
    expect(data.failureUserList.map(({ code }) => code)).toEqual([70402, 70402, 70402, 70107]);
    for (const { message } of data.failureUserList) expect(message).toMatch(/\w+ \w+/);
  });

  test("that is too big for a message fails the call, and nothing else", async () => {
    const alice = await openAs(server, "big-alice");
    await alice.online();
    const error = await rejection(alice.chat.getUserStatus({ userIDList: ["x".repeat(300 * 1024)] }));
    expect(error).toMatchObject({ code: 6017, reason: "BAD_USER_INPUT", message: expect.not.stringContaining("within") });
    await alice.chat.setSelfStatus({ customStatus: "still here" });
  });

  test("as a platform ends in the server's words", async () => {
    const { chat } = await openAs(server, "platform-alice", { platform: "my phone" });
    const error = await rejection(chat.setSelfStatus({ customStatus: "" }));
    expect(error).toMatchObject({ code: 6017, message: expect.stringMatching(/platform/) });
    expect(chat.connection.current.state).toBe("ended");
  });

  test("as a URL is told in words, whichever way it is wrong", async () => {
    const token = await server.token("url-alice");
    const reject = (url: string) => rejection(open({ url, token, timeout: 700 }).chat.setSelfStatus({ customStatus: "" }));
    expect(await reject("no address")).toMatchObject({ code: 6017, reason: "BAD_USER_INPUT" });
    expect(await reject("ftp://127.0.0.1")).toMatchObject({ code: 6017 });
    const nobody = await reject("http://127.0.0.1:1");
    expect(nobody).toMatchObject({ code: 6200, reason: "NO_CONNECTION" });
    expect(nobody.message).toMatch(/no connection within 0\.7 s: no connection to ws:\/\/127\.0\.0\.1:1\/graphql/);
    expect(await reject(`${server.url}/nowhere`)).toMatchObject({ code: 6200, message: expect.stringMatching(/404/) });
  });

  test("as a token ends in UNAUTHENTICATED, at once", async () => {
    for (const token of ["not.a.token", await server.token("expired-alice", undefined, -60), ""]) {
      const { chat } = open({ url: server.url, token, timeout: 30_000 });
      expect(await rejection(chat.setSelfStatus({ customStatus: "" }))).toMatchObject({ code: 6014, reason: "UNAUTHENTICATED" });
    }
  });

  test("is also a place without WebSocket, and the sentence says what to do", async () => {
    vi.stubGlobal("WebSocket", undefined);
    const { chat } = open({ url: server.url, token: "any", webSocketImpl: undefined });
    const error = await rejection(chat.setSelfStatus({ customStatus: "" }));
    vi.unstubAllGlobals();
    expect(error.message).toMatch(/webSocketImpl/);
  });
});

describe("a chat", () => {
  test("makes the user ONLINE, on its platform, over one socket for all calls", async () => {
    const wire = createWire();
    const token = await server.token("socket-alice");
    const alice = open({ url: server.ws, token, platform: "ios", webSocketImpl: wire.webSocketImpl });
    await alice.online();
    expect((await ask(server, Self, {}, token)).self.status).toMatchObject({ statusType: "ONLINE", platforms: ["ios"] });
    await Promise.all([alice.chat.setSelfStatus({ customStatus: "a" }), alice.chat.getUserStatus({ userIDList: ["x"] })]);
    expect(wire.opened.all).toEqual([server.ws]);
  });

  test("tells nothing at the connect, and each change once", async () => {
    const token = await server.token("once-alice");
    await register(["once-bob"]);
    await open({ url: server.url, token }).chat.subscribeUserStatus({ userIDList: ["once-bob"] });
    const alice = open({ url: server.url, token });
    await alice.online();
    const bob = await openAs(server, "once-bob");
    await bob.chat.setSelfStatus({ customStatus: "one" });
    await alice.until("once-bob", { customStatus: "one" });
    await bob.chat.setSelfStatus({ customStatus: "two" });
    await alice.until("once-bob", { customStatus: "two" });

    const told = alice.events.all.flat().filter(({ userID }) => userID === "once-bob");
    expect(new Set(told.map(({ version }) => version)).size).toBe(told.length);
    expect(told[0]?.version).toBeGreaterThan(0);
  });

  test("stops telling a handler that was taken off, and one that throws keeps nothing from the others", async () => {
    const alice = await openAs(server, "handler-alice");
    await alice.online();
    const handler = vi.fn();
    alice.chat.on("userStatusUpdated", handler);
    alice.chat.on("userStatusUpdated", handler);
    await alice.chat.setSelfStatus({ customStatus: "one" });
    await alice.until("handler-alice", { customStatus: "one" });
    expect(handler).toHaveBeenCalledTimes(1);
    alice.chat.off("userStatusUpdated", handler);
    await alice.chat.setSelfStatus({ customStatus: "two" });
    await alice.until("handler-alice", { customStatus: "two" });
    expect(handler).toHaveBeenCalledTimes(1);
  });

  test("that is closed rejects what is under way and what comes, and leaves the user OFFLINE", async () => {
    const alice = await openAs(server, "close-alice");
    const bob = await openAs(server, "close-bob");
    await alice.online();
    await bob.chat.subscribeUserStatus({ userIDList: ["close-alice"] });
    const underWay = rejection(alice.chat.setSelfStatus({ customStatus: "never" }));
    alice.chat.close();
    expect(await underWay).toMatchObject({ code: 6013, reason: "CLOSED" });
    expect(await rejection(alice.chat.getUserStatus({ userIDList: [] }))).toMatchObject({ code: 6013 });
    expect(alice.chat.connection.current).toMatchObject({ state: "ended", reason: { code: 6013 } });
    await bob.until("close-alice", { statusType: "OFFLINE" });
  });

  test("that is logged out leaves the user UNLOGINED, and other devices of theirs online", async () => {
    const alice = await openAs(server, "logout-alice");
    const phone = await openAs(server, "logout-alice", { platform: "ios" });
    await Promise.all([alice.online(), phone.online()]);
    expect((await alice.chat.logout()).data.statusType).toBe("ONLINE");
    expect(await alice.states.until("the end", ({ state }) => state === "ended")).toMatchObject({ reason: { code: 6014 } });
    expect((await phone.chat.logout()).data.statusType).toBe("UNLOGINED");
  });

  test("ends where another device logs all of them out, and does not come back", async () => {
    const wire = createWire();
    const alice = await openAs(server, "all-alice", { webSocketImpl: wire.webSocketImpl });
    const phone = await openAs(server, "all-alice");
    await Promise.all([alice.online(), phone.online()]);
    await phone.chat.logout({ allDevices: true });
    const { reason } = await alice.states.until("the end", ({ state }) => state === "ended");
    expect(reason).toMatchObject({ code: 6014, message: expect.stringMatching(/logged out/) });
    expect(wire.opened.all).toHaveLength(1);
  });
});
