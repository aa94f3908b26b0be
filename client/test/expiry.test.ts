import { afterEach, describe, expect, test } from "vitest";
import { expiresIn, untilTomorrow, type Span } from "../src/index.ts";

const now = new Date("2026-11-24T09:30:00.250Z");

describe("expiresIn", () => {
  test.for<[Span, string]>([
    [{ minutes: 30 }, "2026-11-24T10:00:00.250Z"],
    [{ hours: 4 }, "2026-11-24T13:30:00.250Z"],
    [{ days: 7 }, "2026-12-01T09:30:00.250Z"],
    [{ hours: 1, minutes: 30 }, "2026-11-24T11:00:00.250Z"],
    [{ minutes: 0.5, hours: undefined, days: 0 }, "2026-11-24T09:30:30.250Z"],
  ])("adds %j up", ([span, expected]) => {
    expect(expiresIn(span, now).toISOString()).toBe(expected);
  });

  test("counts from now", () => {
    const before = Date.now();
    const { length, ...at } = { length: 60_000, moment: expiresIn({ minutes: 1 }).getTime() };
    expect(at.moment).toBeGreaterThanOrEqual(before + length);
    expect(at.moment).toBeLessThanOrEqual(Date.now() + length);
  });

  test.for<[string, Span]>([
    ["what is negative", { minutes: -1 }],
    ["what is negative in a part", { days: 1, hours: -1 }],
    ["what is not a number", { minutes: Number.NaN }],
    ["a word", { hours: "soon" as unknown as number }],
    ["nothing", {}],
    ["no time at all", { minutes: 0 }],
    ["more than a Date holds", { days: Infinity }],
  ])("refuses %s", ([, span]) => {
    expect(() => expiresIn(span, now)).toThrow(expect.objectContaining({ name: "UserStatusError", code: 6017, reason: "BAD_USER_INPUT" }));
  });
});

describe("untilTomorrow", () => {
  const zone = process.env["TZ"];
  afterEach(() => {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  });

  test.for([
    ["an ordinary day", "Europe/Berlin", "2026-11-24T09:30:00Z", "2026-11-24T23:00:00Z"],
    ["the last moment of a day", "Europe/Berlin", "2026-11-24T22:59:59.999Z", "2026-11-24T23:00:00Z"],
    ["midnight itself", "Europe/Berlin", "2026-11-24T23:00:00Z", "2026-11-25T23:00:00Z"],
    ["the end of a month", "UTC", "2026-12-31T12:00:00Z", "2027-01-01T00:00:00Z"],
    ["a day of 23 hours", "Europe/Berlin", "2026-03-28T23:30:00Z", "2026-03-29T22:00:00Z"],
    ["a day of 25 hours", "Europe/Berlin", "2026-10-24T22:30:00Z", "2026-10-25T23:00:00Z"],
    ["a day after which clocks skip midnight", "Africa/Cairo", "2026-04-23T12:00:00Z", "2026-04-23T22:00:00Z"],
  ])("of %s is the start of the next day", ([, TZ, from, expected]) => {
    process.env["TZ"] = TZ;
    expect(untilTomorrow(new Date(from as string)).toISOString()).toBe(new Date(expected as string).toISOString());
  });

  test("refuses a day that is none", () => {
    expect(() => untilTomorrow(new Date("never"))).toThrow(expect.objectContaining({ code: 6017 }));
  });
});
