import { describe, expect, test } from "vitest";
import { socketAddress } from "../src/address.ts";
import { FIRST_WAIT_MS, LONGEST_WAIT_MS, retryDelay } from "../src/backoff.ts";
import { UserStatusError } from "../src/error.ts";
import { inParts, parts } from "../src/lists.ts";
import { judge } from "../src/loss.ts";
import { createNews } from "../src/news.ts";
import { unknownStatus, type UserStatus } from "../src/types.ts";

const status = (userID: string, version: number): UserStatus => ({ ...unknownStatus(userID), version });

describe("the address", () => {
  test.for([
    ["http://127.0.0.1:8080", "ws://127.0.0.1:8080/graphql"],
    ["http://127.0.0.1:8080/", "ws://127.0.0.1:8080/graphql"],
    ["https://chat.example.com/graphql", "wss://chat.example.com/graphql"],
    ["wss://chat.example.com/status/graphql/", "wss://chat.example.com/status/graphql"],
    ["ws://[::1]:8080/status", "ws://[::1]:8080/status/graphql"],
  ])("%s is the socket %s", ([url, address]) => {
    expect(socketAddress(url as string)).toBe(address);
  });

  test("may be relative to the page", () => {
    expect(socketAddress("/", "https://chat.example.com/rooms/5")).toBe("wss://chat.example.com/graphql");
  });

  test.for(["", "chat.example.com", "ftp://chat.example.com", "http://"])("%j is none, and an error says so", (url) => {
    expect(() => socketAddress(url)).toThrow(expect.objectContaining({ code: 6017, message: expect.stringContaining("url") }));
  });
});

describe("the wait before a reconnect", () => {
  test("grows from a quarter of a second to half a minute, and by chance is up to half shorter", () => {
    const longest = Array.from({ length: 12 }, (_, attempt) => retryDelay(attempt, () => 0));
    expect(longest.slice(0, 8)).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000]);
    expect(longest.at(-1)).toBe(LONGEST_WAIT_MS);
    expect(retryDelay(0, () => 1)).toBe(FIRST_WAIT_MS / 2);
    expect(retryDelay(5000, () => 0.5)).toBe(22_500);
  });
});

describe("a loss", () => {
  const lost = { text: "because", wasOnline: true };

  test.for([
    { name: "after a logout", code: 4401, fixed: false, error: 6014, final: true },
    { name: "of a token that is fixed", code: 4403, fixed: true, error: 6014, final: true },
    { name: "of a token that is fetched anew", code: 4403, fixed: false, error: 6014, final: false },
    { name: "for too many connections", code: 4429, fixed: true, error: 7008, final: false },
    { name: "at a stop of the server", code: 1001, fixed: true, error: 6200, final: false },
    { name: "without a word", code: 1006, fixed: true, error: 6200, final: false },
    { name: "in the usual way", code: 1000, fixed: true, error: 6200, final: false },
  ])("$name is told with $error", ({ code, fixed, error, final }) => {
    const verdict = judge({ ...lost, code }, "ws://there", fixed);
    expect(verdict.error.code).toBe(error);
    expect(verdict.error.message).toContain("because");
    expect(verdict.final).toBe(final);
    expect(verdict.blamesCalls).toBe(false);
  });

  test.for([1009, 4400])("by %i fails the calls under way, which would bring it about again", (code) => {
    expect(judge({ ...lost, code }, "ws://there", false)).toMatchObject({ blamesCalls: true, final: false });
  });

  test("by 4400 before one was let in is final: the same would be refused again", () => {
    expect(judge({ text: "bad platform", code: 4400, wasOnline: false }, "ws://there", false)).toMatchObject({
      final: true,
      error: { code: 6017 },
    });
  });
});

describe("a list", () => {
  test("is cut into parts, each entry once", () => {
    expect(parts(["a", "b", "a", "c", "d", "e"], 2)).toEqual([["a", "b"], ["c", "d"], ["e"]]);
    expect(parts([], 2)).toEqual([]);
  });

  test("of which a part failed fails as a whole, and the error says which part and what became of the rest", async () => {
    const asked = inParts(["a", "b", "c"], 1, async ([userID]) => {
      if (userID === "b") throw new UserStatusError("RATE_LIMITED", "too fast");
      return userID;
    });
    await expect(asked).rejects.toMatchObject({
      code: 7008,
      reason: "RATE_LIMITED",
      message: "too fast; this was part 2 of 3 (users 2 to 2), 2 of the parts were done",
    });
  });
});

describe("news", () => {
  test("is each higher version once", () => {
    const news = createNews();
    expect(news.changed([status("a", 5)])).toHaveLength(1);
    expect(news.changed([status("a", 5), status("a", 4)])).toEqual([]);
    expect(news.changed([status("a", 6), status("b", 1)])).toHaveLength(2);
  });

  test("is not how things were at first, but what changed while away", () => {
    const news = createNews();
    expect(news.missed([status("a", 5), status("b", 5)], true)).toEqual([]);
    news.note([status("c", 3)]); // the answer of a subscription
    expect(news.missed([status("a", 5), status("b", 6), status("c", 3)], false)).toEqual([status("b", 6)]);
    expect(news.missed([status("c", 4), status("d", 1)], false)).toEqual([status("c", 4), status("d", 1)]);
  });

  test("is also what an answer said before the stream did", () => {
    const news = createNews();
    news.note([status("a", 5)]);
    expect(news.changed([status("a", 5)])).toEqual([status("a", 5)]);
  });
});
