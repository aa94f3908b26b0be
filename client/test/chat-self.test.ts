import { beforeAll, describe, expect, test } from "vitest";
import { TYPES } from "../src/index.ts";
import { openAs, type Heard } from "./chat.ts";
import { ask } from "./http.ts";
import { AddFriends, Register } from "./operations.ts";
import { startServer, type Server } from "./server.ts";
import { createWire, openWay } from "./wire.ts";

let server: Server;
beforeAll(async () => {
  server = await startServer("--offline-grace=5s");
});

async function register(...userIDs: string[]): Promise<void> {
  const admin = await server.token("admin", "admin");
  for (let from = 0; from < userIDs.length; from += 100) {
    await ask(server, Register, { userIDs: userIDs.slice(from, from + 100) }, admin);
  }
}

/** Alice, and others who watch her. */
async function watched(prefix: string, ...others: string[]): Promise<Heard[]> {
  const alice = await openAs(server, `${prefix}-alice`);
  await alice.online();
  const watchers = await Promise.all(others.map((name) => openAs(server, `${prefix}-${name}`)));
  for (const watcher of watchers) {
    await watcher.online();
    await watcher.chat.subscribeUserStatus({ userIDList: [`${prefix}-alice`] });
  }
  return [alice, ...watchers];
}

describe("availability", () => {
  test("is told to others, stays until changed, and wins over idleness", async () => {
    const way = await openWay(server.url);
    const alice = await openAs(server, "busy-alice", { url: way.url });
    await alice.online();
    const bob = await openAs(server, "busy-bob");
    await bob.online();
    await bob.chat.subscribeUserStatus({ userIDList: ["busy-alice"] });

    const { data } = await alice.chat.setSelfAvailability({ availability: TYPES.USER_AVAILABILITY_BUSY });
    expect(data).toMatchObject({ userID: "busy-alice", availability: "BUSY" });
    await bob.until("busy-alice", { availability: "BUSY" });
    way.cut();
    await alice.states.until("the loss", ({ state }) => state === "offline");
    way.mend();
    await alice.online();
    expect((await alice.chat.reportIdle({ idle: true })).data.availability).toBe("BUSY");
    await alice.chat.setSelfAvailability({ availability: "AVAILABLE" });
    await bob.until("busy-alice", { availability: "AWAY" });
    await alice.chat.reportIdle({ idle: false });
    await bob.until("busy-alice", { availability: "AVAILABLE" });
    await alice.chat.setSelfAvailability({ availability: "AWAY" });
    await bob.until("busy-alice", { availability: "AWAY" });
  });
});

describe("visibility", () => {
  test("hides one from others and shows one again, while one sees oneself and them", async () => {
    const [alice, bob] = (await watched("hide", "bob")) as [Heard, Heard];
    expect((await alice.chat.getSelf()).data).toMatchObject({ visibility: "EVERYONE", blockedUserIDs: [], status: { userID: "hide-alice" } });
    await alice.chat.subscribeUserStatus({ userIDList: ["hide-bob"] });
    const { data } = await alice.chat.setSelfVisibility({ visibility: TYPES.VISIBILITY_NOBODY });
    expect(data).toMatchObject({ visibility: "NOBODY", status: { statusType: "ONLINE" } });
    await bob.until("hide-alice", { statusType: "OFFLINE" });
    await alice.chat.setSelfStatus({ customStatus: "unheard" });
    await bob.chat.setSelfStatus({ customStatus: "heard" });
    await alice.until("hide-bob", { customStatus: "heard" });
    await alice.chat.setSelfVisibility({ visibility: "EVERYONE" });
    expect(await bob.until("hide-alice", { statusType: "ONLINE" })).toMatchObject({ customStatus: "unheard" });
  });

  test("for friends hides one from all others", async () => {
    const [alice, friend, other] = (await watched("friends", "friend", "other")) as [Heard, Heard, Heard];
    await ask(server, AddFriends, { userID: "friends-alice", friendIDs: ["friends-friend"] }, await server.token("admin", "admin"));
    await alice.chat.setSelfVisibility({ visibility: TYPES.VISIBILITY_FRIENDS });
    await other.until("friends-alice", { statusType: "OFFLINE" });
    await alice.chat.setSelfStatus({ customStatus: "for friends" });
    await friend.until("friends-alice", { customStatus: "for friends", statusType: "ONLINE" });
  });
});

describe("a block", () => {
  test("hides one from whom it is about, and from nobody else, until it is taken back", async () => {
    const [alice, bob, carol] = (await watched("block", "bob", "carol")) as [Heard, Heard, Heard];
    expect((await alice.chat.blockUsers({ userIDList: ["block-bob"] })).data).toEqual({ failureUserList: [] });
    expect((await alice.chat.getSelf()).data.blockedUserIDs).toEqual(["block-bob"]);
    await bob.until("block-alice", { statusType: "OFFLINE" });
    await alice.chat.setSelfStatus({ customStatus: "not for bob" });
    await carol.until("block-alice", { customStatus: "not for bob", statusType: "ONLINE" });
    await alice.chat.unblockUsers({ userIDList: ["block-bob"] });
    await bob.until("block-alice", { statusType: "ONLINE", customStatus: "not for bob" });
    expect((await alice.chat.getSelf()).data.blockedUserIDs).toEqual([]);
  });

  test("of 250 users is three calls, and taken back without a list it is one", async () => {
    const wire = createWire();
    const { chat } = await openAs(server, "many-alice", { webSocketImpl: wire.webSocketImpl });
    const users = Array.from({ length: 250 }, (_, n) => `many-${String(n).padStart(3, "0")}`);
    await register(...users);
    await chat.blockUsers({ userIDList: users });
    expect((await chat.getSelf()).data.blockedUserIDs).toEqual(users);
    await chat.unblockUsers({ userIDList: users.slice(0, 150) });
    expect((await chat.getSelf()).data.blockedUserIDs).toEqual(users.slice(150));
    await chat.unblockUsers();
    expect((await chat.getSelf()).data.blockedUserIDs).toEqual([]);
    const calls = wire.operations();
    expect(calls.filter((name) => name === "BlockUsers")).toHaveLength(3);
    expect(calls.filter((name) => name === "UnblockUsers")).toHaveLength(3);
  });

  test("of nobody in particular, or of a user who isn't there, is told in words", async () => {
    const { chat } = await openAs(server, "nobody-alice");
    const { failureUserList } = (await chat.blockUsers({ userIDList: ["nobody-there", ""] })).data;
    expect(failureUserList.map(({ userID, code }) => [userID, code])).toEqual([
      ["nobody-there", 70107],
      ["", 70402],
    ]);
    await expect(chat.blockUsers({} as never)).rejects.toMatchObject({ code: 6017, message: expect.stringMatching(/userIDList/) });
  });
});

test("what the server does not know as a value is refused in its words", async () => {
  const { chat } = await openAs(server, "wrong-alice");
  for (const call of [
    chat.setSelfAvailability({ availability: "ASLEEP" as never }),
    chat.setSelfAvailability(undefined as never),
    chat.setSelfVisibility({ visibility: "CATS" as never }),
    chat.setSelfVisibility(undefined as never),
    chat.reportIdle({ idle: "yes" as never }),
    chat.reportIdle(undefined as never),
  ]) {
    await expect(call).rejects.toMatchObject({ code: 6017, message: expect.stringMatching(/\w+ \w+/) });
  }
});

test("a text with an expiry brings back the one before it, if that had none", async () => {
  const alice = await openAs(server, "back-alice");
  await alice.online();
  await alice.chat.setSelfStatus({ customStatus: "working from home" });
  await alice.chat.setSelfStatus({ customStatus: "in a meeting", expiresAt: new Date(Date.now() + 1_000) });
  await alice.until("back-alice", { customStatus: "in a meeting" });
  await alice.until("back-alice", { customStatus: "working from home", customStatusExpiresAt: null });
});
