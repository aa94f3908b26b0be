import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { idleAfter, signInAddress, userAddress } from "../demo/address.ts";
import { changesBetween } from "../demo/changes.ts";
import { clearAt } from "../demo/clearAfter.ts";
import { joinStatus, splitStatus } from "../demo/emoji.ts";
import { byteLength, parseIDs } from "../demo/ids.ts";
import { nextItem } from "../demo/menuKeys.ts";
import { inOrder } from "../demo/order.ts";
import { lastSeenWords, platformWords, presenceOf, presenceWords } from "../demo/words.ts";
import type { UserStatus } from "userstatus";

const NOW = Date.parse("2026-11-24T12:00:00Z");

function status(userID: string, part: Partial<UserStatus> = {}): UserStatus {
  const blank = { statusType: "ONLINE", customStatus: "", customStatusExpiresAt: null, lastOnlineAt: null } as const;
  return { userID, ...blank, platforms: [], availability: "AVAILABLE", version: 1, ...part };
}

describe("the demo's words", () => {
  it("say how long ago somebody was seen, and never the future", () => {
    const seen = (secondsAgo: number): string => lastSeenWords(new Date(NOW - secondsAgo * 1000).toISOString(), NOW);
    assert.equal(seen(-20), "last seen just now");
    assert.equal(seen(59), "last seen just now");
    assert.equal(seen(60), "last seen 1 minute ago");
    assert.equal(seen(5 * 60 + 59), "last seen 5 minutes ago");
    assert.equal(seen(3 * 3600), "last seen 3 hours ago");
    assert.equal(seen(26 * 3600), "last seen yesterday");
    assert.equal(seen(4 * 86_400), "last seen 4 days ago");
  });

  it("have a dot and a word of its own for each presence", () => {
    const all = [
      status("a"),
      status("a", { availability: "AWAY" }),
      status("a", { availability: "BUSY" }),
      status("a", { statusType: "OFFLINE" }),
      status("a", { statusType: "UNLOGINED", lastOnlineAt: "2026-11-24T11:00:00Z" }),
      status("a", { statusType: "UNKNOWN" }),
    ];
    assert.equal(new Set(all.map(presenceOf)).size, all.length);
    assert.deepEqual(all.map(presenceWords), ["Online", "Online, away", "Online, busy", "Offline", "Signed out", "Not known yet"]);
    assert.equal(presenceWords(status("a", { statusType: "UNLOGINED" })), "Never signed in");
    assert.equal(presenceWords(status("a", { statusType: "OFFLINE", availability: "BUSY" })), "Offline, busy");
  });

  it("name platforms, also those they don't know", () => {
    assert.equal(platformWords([]), "");
    assert.equal(platformWords(["android", "ios", "toaster"]), "on Android, iOS, and toaster");
  });
});

describe("the demo's list", () => {
  it("has who is online first, then the others, then failures, each by name", () => {
    const offline = { statusType: "OFFLINE" } as const;
    const all = [status("b10", offline), status("zoe"), status("b9", offline), status("adam"), status("amy", { statusType: "UNKNOWN" })];
    const sorted = inOrder(all, new Set(["amy"])).map(({ userID }) => userID);
    assert.deepEqual(sorted, ["adam", "zoe", "b9", "b10", "amy"]);
  });

  it("takes several IDs at once and says in words which can't be followed", () => {
    const parsed = parseIDs(`carol, dave;erin dave  me bob ${"x".repeat(129)} a\u200Bb`, "me", ["bob"]);
    assert.deepEqual(parsed.userIDs, ["carol", "dave", "erin"]);
    assert.match(parsed.problems.join("\n"), /me is you.*\nbob is on your list already\.\n.*129 bytes, at most 128.*\n.*invisible/);
    assert.equal(parseIDs(" , ", "me", []).problems.length, 1);
  });

  it("tells what changed, and nothing of what is there at first", () => {
    const heard = (...statuses: UserStatus[]) => ({ statuses, failures: [] });
    assert.deepEqual(changesBetween(heard(), heard(status("bob"))), []);
    const offline = status("bob", { statusType: "OFFLINE", customStatus: "gone" });
    assert.deepEqual(changesBetween(heard(status("bob")), heard(offline)), ["bob is offline: gone."]);
    assert.deepEqual(changesBetween(heard(offline), heard({ ...offline, customStatus: "" })), ["bob cleared their status."]);
    assert.deepEqual(changesBetween(heard(offline), heard({ ...offline, version: 2 })), []);
    const refused = { statuses: [], failures: [{ userID: "zoe", code: 70107, message: "" }] };
    assert.deepEqual(changesBetween(heard(), refused), ["zoe: no such user."]);
    assert.deepEqual(changesBetween(refused, refused), []);
  });
});

describe("the demo's status", () => {
  it("is one text to the server: the emoji, then the words", () => {
    for (const text of ["🎧 music", "🎧", "music", "", "🎧music", "🦀 crab"]) assert.equal(joinStatus(splitStatus(text)), text);
    assert.deepEqual(splitStatus("🎧 music"), { emoji: "🎧", text: "music" });
    assert.equal(byteLength("🎧 é"), 7);
  });

  it("is cleared when it says: until tomorrow is until midnight here", () => {
    const now = new Date(2026, 10, 24, 14, 5);
    assert.equal(clearAt("never", now), null);
    assert.deepEqual(clearAt("30m", now), new Date(2026, 10, 24, 14, 35));
    assert.deepEqual(clearAt("4h", now), new Date(2026, 10, 24, 18, 5));
    assert.deepEqual(clearAt("tomorrow", now), new Date(2026, 10, 25));
  });
});

describe("the demo's menus", () => {
  it("go around by arrows, to the ends, and by first letters", () => {
    const names = ["Automatic", "Away", "Busy"];
    const to = (key: string, at: number): string | undefined => names[nextItem(key, at, names) ?? -1];
    assert.deepEqual([to("ArrowDown", 0), to("ArrowDown", 2), to("ArrowUp", 0), to("ArrowUp", 2)], ["Away", "Automatic", "Busy", "Away"]);
    assert.deepEqual([to("Home", 2), to("End", 0)], ["Automatic", "Busy"]);
    assert.deepEqual([to("a", 0), to("A", 1), to("b", 2), to("x", 0), to(" ", 0), to("Shift", 0)], ["Away", "Automatic", "Busy", undefined, undefined, undefined]);
    assert.equal(to("ArrowDown", -1), "Automatic"); // a row that moved lost the focus
  });
});

describe("the demo's address", () => {
  it("sets in seconds when one is idle, and keeps that for whoever signs in next", () => {
    assert.equal(idleAfter("?user=alice&idleAfter=2"), 2_000);
    for (const none of ["", "?idleAfter=", "?idleAfter=0", "?idleAfter=-1", "?idleAfter=soon", "?idleAfter=Infinity"]) assert.equal(idleAfter(none), undefined);
    assert.equal(userAddress({ userID: "bob", admin: false }, "?user=alice&idleAfter=2"), "?user=bob&idleAfter=2");
    assert.equal(userAddress({ userID: "bob", admin: false }, ""), "?user=bob");
    assert.equal(signInAddress("?user=alice&idleAfter=2"), "?idleAfter=2");
    assert.equal(signInAddress("?user=alice"), "");
  });
});
