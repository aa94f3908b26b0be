import { beforeAll, describe, expect, test } from "vitest";
import { open, openAs } from "./chat.ts";
import { SECRET, startServer, type Server } from "./server.ts";
import { createWire, openWay } from "./wire.ts";

let server: Server;
beforeAll(async () => {
  server = await startServer(`--jwt-secret=${SECRET}`, "--offline-grace=5s");
});

const startAnother = (): Promise<Server> => startServer(`--jwt-secret=${SECRET}`);

describe("after a lost connection", () => {
  test("what changed meanwhile is told, once, and what did not is not", async () => {
    const way = await openWay(server.url);
    const alice = await openAs(server, "missed-alice", { url: way.url });
    const [bob, carol] = [await openAs(server, "missed-bob"), await openAs(server, "missed-carol")];
    await Promise.all([bob.online(), carol.online()]);
    await alice.chat.subscribeUserStatus({ userIDList: ["missed-bob", "missed-carol"] });
    await bob.chat.setSelfStatus({ customStatus: "before" });
    await alice.until("missed-bob", { customStatus: "before" });
    const before = alice.events.all.length;

    way.cut();
    await alice.states.until("the loss", ({ state }) => state === "offline");
    await bob.chat.setSelfStatus({ customStatus: "meanwhile" });
    way.mend();
    await alice.until("missed-bob", { customStatus: "meanwhile" });
    await bob.chat.setSelfStatus({ customStatus: "after" });
    await alice.until("missed-bob", { customStatus: "after" });

    const told = alice.events.all.slice(before).flat().filter(({ userID }) => userID !== "missed-alice");
    expect(told.map(({ userID, customStatus }) => [userID, customStatus])).toEqual([
      ["missed-bob", "meanwhile"],
      ["missed-bob", "after"],
    ]);
  });

  test("with the server killed and started again, all goes on by itself, calls made meanwhile too", async () => {
    const own = await startAnother();
    const alice = await openAs(own, "killed-alice");
    await alice.online();
    await own.kill();
    const { reason } = await alice.states.until("the loss", ({ state }) => state === "offline");
    expect(reason).toMatchObject({ code: 6200, message: expect.stringMatching(/lost|no connection/) });
    const set = alice.chat.setSelfStatus({ customStatus: "said while it was away" });
    await own.restart();
    expect((await set).data).toMatchObject({ statusType: "ONLINE", customStatus: "said while it was away" });
    await alice.until("killed-alice", { customStatus: "said while it was away" });
  });

  test("with the server stopped in order, likewise", async () => {
    const own = await startAnother();
    const alice = await openAs(own, "stopped-alice");
    await alice.online();
    await own.terminate();
    await alice.states.until("the loss", ({ state }) => state === "offline");
    await own.restart();
    await alice.online();
    await alice.chat.setSelfStatus({ customStatus: "back" });
  });

  test("a call waits for as long as it may, and is then rejected in words", async () => {
    const own = await startAnother();
    const alice = await openAs(own, "waiting-alice", { timeout: 300 });
    await alice.online();
    await own.kill();
    await alice.states.until("the loss", ({ state }) => state === "offline");
    await expect(alice.chat.setSelfStatus({ customStatus: "never" })).rejects.toMatchObject({
      code: 6200,
      reason: "NO_CONNECTION",
      message: expect.stringMatching(/^no connection within 0\.3 s: /),
    });
  });

  test("a frozen server is noticed by the client's own ping, and found again once it is thawed", async () => {
    const own = await startAnother();
    const alice = await openAs(own, "frozen-alice", { pingInterval: 200, timeout: 60_000 });
    await alice.online();
    own.freeze();
    const { reason } = await alice.states.until("the loss", ({ state }) => state === "offline");
    expect(reason).toMatchObject({ code: 6200, message: expect.stringMatching(/no sign of life/) });
    const set = alice.chat.setSelfStatus({ customStatus: "thawed" });
    own.thaw();
    expect((await set).data.customStatus).toBe("thawed");
  });

  test("a call that a connected server does not answer in time is a TIMEOUT", async () => {
    const own = await startAnother();
    const alice = await openAs(own, "slow-alice", { timeout: 300 });
    await alice.online();
    own.freeze();
    await expect(alice.chat.setSelfStatus({ customStatus: "?" })).rejects.toMatchObject({ code: 6012, reason: "TIMEOUT" });
    own.thaw();
  });
});

describe("a token function", () => {
  test("is called anew at each reconnect", async () => {
    const way = await openWay(server.url);
    let calls = 0;
    const token = async (): Promise<string> => {
      calls++;
      return server.token("fresh-alice");
    };
    const alice = open({ url: way.url, token });
    await alice.online();
    expect(calls).toBe(1);
    for (const expected of [2, 3]) {
      way.cut();
      await alice.states.until("the loss", ({ state }) => state === "offline");
      way.mend();
      await alice.online();
      expect(calls).toBeGreaterThanOrEqual(expected);
    }
  });

  test("that gives a new one keeps the chat alive past the expiry of the old", async () => {
    let calls = 0;
    const alice = open({ url: server.url, token: () => server.token("expiring-alice", undefined, ++calls === 1 ? 2 : 3600) });
    await alice.online();
    const { reason } = await alice.states.until("the expiry", ({ state }) => state === "offline");
    expect(reason).toMatchObject({ code: 6014, message: expect.stringMatching(/expired/) });
    await alice.online();
    expect(calls).toBe(2);
  });

  test("that gives what was refused again and again is called later each time, and calls say why", async () => {
    const wire = createWire();
    const token = (): Promise<string> => server.token("refused-alice", undefined, -60);
    const alice = open({ url: server.url, token, timeout: 1_500, webSocketImpl: wire.webSocketImpl });
    await expect(alice.chat.setSelfStatus({ customStatus: "" })).rejects.toMatchObject({
      code: 6014,
      reason: "UNAUTHENTICATED",
      message: expect.stringMatching(/no connection within 1\.5 s: the token was refused/),
    });
    expect(wire.opened.all.length).toBeGreaterThan(1);
    expect(wire.opened.all.length).toBeLessThan(7);
    expect(alice.chat.connection.current.state).not.toBe("ended");
  });

  test("that throws is called again, and the calls say what it threw", async () => {
    let calls = 0;
    const token = async (): Promise<string> => {
      if (++calls < 3) throw new Error("my backend is away");
      return server.token("throwing-alice");
    };
    const alice = open({ url: server.url, token });
    expect(await alice.states.until("the failure", ({ state }) => state === "offline")).toMatchObject({
      reason: { code: 6014, message: "no token could be had: my backend is away" },
    });
    await alice.online();
    expect(calls).toBe(3);
  });
});

describe("a token that is fixed", () => {
  test("ends the chat when it has expired", async () => {
    const alice = open({ url: server.url, token: await server.token("fixed-alice", undefined, 2) });
    await alice.online();
    const { reason } = await alice.states.until("the end", ({ state }) => state === "ended");
    expect(reason).toMatchObject({ code: 6014, message: expect.stringMatching(/refused.*expired/) });
    await expect(alice.chat.getUserStatus({ userIDList: [] })).rejects.toMatchObject({ code: 6014 });
  });
});
