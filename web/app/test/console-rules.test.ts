import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import type { DocumentNode } from "graphql";
import { buildSchema, isObjectType, Kind, validate, visit } from "graphql";
import * as operations from "../console/operations.ts";
import { nearest, pathOf, scalesOf, type Point } from "../console/plot.ts";
import { outcome } from "../console/problem.ts";
import { reasonWords, stepWords } from "../console/reasons.ts";
import { addressOf, parseRoute } from "../console/route.ts";
import { HOUR, joined } from "../console/samples.ts";
import type { FiguresSample, StatusChange } from "../console/types.ts";
import { tickWords, valueWords } from "../console/units.ts";

const NOON = Date.parse("2026-11-24T12:00:00Z");
const SIZE = { width: 400, height: 150 };

const figures = { connections: 1, streams: 1, users: 1, updatesPerSecond: 0, changesPerSecond: 0, deliveryDelay: 0, writeDelay: 0 };

function sample(secondsAgo: number): FiguresSample {
  return { at: new Date(NOON - secondsAgo * 1000).toISOString(), usersOnline: 1, nodes: 1, figures };
}

describe("the console's operations", () => {
  it("fit the schema, and there is one for each of the admin's fields", async () => {
    const text = await readFile(new URL("../../../schema.graphqls", import.meta.url), "utf8");
    const schema = buildSchema(text);
    const documents = Object.values(operations).filter((value): value is DocumentNode => typeof value === "object" && "definitions" in value);
    for (const document of documents) assert.deepEqual(validate(schema, document), []);
    const used = new Set<string>();
    for (const document of documents) visit(document, { [Kind.FIELD]: ({ name }) => void used.add(name.value) });
    const forAdmins = [schema.getQueryType(), schema.getMutationType()]
      .filter(isObjectType)
      .flatMap((type) => Object.values(type.getFields()))
      .filter(({ astNode }) => astNode?.directives?.some(({ name }) => name.value === "admin"))
      .map(({ name }) => name);
    assert.ok(forAdmins.length >= 14);
    assert.deepEqual(forAdmins.filter((name) => !used.has(name)), []);
  });
});

describe("the console's samples", () => {
  it("are of one hour, each once, whichever answers bring them", () => {
    const first = joined([], [sample(3_700), sample(30), sample(20)]);
    assert.deepEqual(first, [sample(30), sample(20)]);
    assert.equal(joined(first, [sample(20)]), first);
    assert.deepEqual(joined(first, [sample(20), sample(10)]), [sample(30), sample(20), sample(10)]);
    let all: readonly FiguresSample[] = first;
    for (let n = 1; n < 2_000; n++) all = joined(all, [sample(20 - n * 10)]);
    assert.equal(all.length, 360);
  });
});

describe("the console's plots", () => {
  const at = (secondsAgo: number, value: number | undefined): Point => ({ at: NOON - secondsAgo * 1000, value });
  const points = [at(60, 1), at(50, 2), at(10, 3), at(0, undefined)];

  it("break the line where samples are missing, and where there was nothing to measure", () => {
    const scales = scalesOf(points, NOON, "count", SIZE);
    const path = pathOf(points, scales);
    assert.equal(path.match(/M/g)?.length, 2);
    assert.equal(pathOf([], scales), "");
  });

  it("have whole numbers at the axis of what is counted, the time below, and the hour from edge to edge", () => {
    const scales = scalesOf(points, NOON, "count", SIZE);
    assert.ok(scales.values.every(Number.isInteger));
    assert.deepEqual(scales.times, [-60, -45, -30, -15, 0].map((minutes) => NOON + minutes * 60_000));
    assert.equal(Math.round(scales.timeAt(scales.x(NOON - HOUR / 2))), NOON - HOUR / 2);
    for (const value of [0, 1, 7, 1234]) assert.ok(scalesOf([at(0, value)], NOON, "count", SIZE).y(value) >= 8);
  });

  it("name the point that is nearest, and none in a gap", () => {
    assert.equal(nearest(points, NOON - 52_000), points[1]);
    assert.equal(nearest(points, NOON - HOUR), undefined);
    assert.equal(nearest([], NOON), undefined);
  });
});

describe("the console's words", () => {
  it("have units: delays in milliseconds, and a dash where there was none", () => {
    assert.deepEqual([0, 0.00042, 0.0042, 0.042, 1.234].map((value) => valueWords(value, "delay")), ["–", "0.42 ms", "4.2 ms", "42 ms", "1.23 s"]);
    assert.deepEqual([0, 3.25, 12.5, 12345].map((value) => valueWords(value, "rate")), ["0", "3.3", "13", "12,345"]);
    assert.deepEqual([tickWords(20, "delay"), tickWords(2_000, "delay"), tickWords(1_500, "count")], ["20 ms", "2 s", "1.5K"]);
  });

  it("say why a status changed, also where the page knows the reason by its name alone", () => {
    const change: StatusChange = {
      userID: "a", version: 1, at: "", reason: "CUSTOM_STATUS_SET", oldStatusType: "ONLINE", statusType: "ONLINE", customStatus: "x", customStatusExpiresAt: null, availability: "AVAILABLE",
    };
    assert.equal(reasonWords(change), "Custom status set");
    assert.equal(reasonWords({ ...change, customStatus: "" }), "Custom status cleared");
    assert.equal(reasonWords({ ...change, reason: "NEWER" }), "NEWER");
    assert.equal(stepWords({ ...change, statusType: "OFFLINE" }), "Online → Offline");
    assert.equal(stepWords(change), "Online");
  });

  it("tell of a list who failed and why, and throw where nobody is left", () => {
    const failure = { userID: "zoe", code: 70107, message: "no such user" };
    const done = (names: string): string => `Done: ${names}.`;
    assert.equal(outcome(["a", "b"], [], done), "Done: a and b.");
    assert.equal(outcome(["a", "zoe"], [failure], done), "Done: a. Not so zoe: no such user.");
    assert.throws(() => outcome(["zoe"], [failure], done), /^Error: zoe: no such user\.$/);
    assert.equal(outcome([..."abcdefg"], [], done), "Done: 7 users.");
  });
});

describe("the console's addresses", () => {
  it("name a user whatever the ID, and survive what is no address", () => {
    for (const userID of ["alice", "a/b#c?d", "ü ☃", "%41", ".."]) assert.deepEqual(parseRoute(addressOf("users", userID)), { section: "users", userID });
    assert.deepEqual(parseRoute("#/users/%E0%A4%A"), { section: "users" });
    for (const other of ["", "#", "#/", "#/nothing"]) assert.deepEqual(parseRoute(other), { section: "overview" });
    assert.deepEqual(parseRoute("#/webhooks"), { section: "webhooks" });
  });
});
