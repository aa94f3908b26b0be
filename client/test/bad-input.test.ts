import { beforeAll, describe, expect, test } from "vitest";
import { ask, post, send, type Answer, type Failed } from "./http.ts";
import { Follow, Following, Register, Self, SetStatus, Status } from "./operations.ts";
import { startServer, type Server } from "./server.ts";

const MAX_BODY = 1024 * 1024;
const HEADERS = { "content-type": "application/json", accept: "application/json" };

let server: Server;
beforeAll(async () => {
  server = await startServer();
});

const users = (count: number, prefix = "user"): string[] => Array.from({ length: count }, (_, n) => `${prefix}-${n}`);

/** The error of an answer that bears no data. */
function failure({ data, errors }: Answer<unknown>): Failed {
  expect(data ?? null).toBeNull();
  const [first] = errors ?? [];
  if (!first) throw new Error("no error, where there had to be one");
  return first;
}

function badInput(message: RegExp): object {
  return { message: expect.stringMatching(message), extensions: { code: "BAD_USER_INPUT", errorCode: 6017 } };
}

/** A document may be refused by the parser, by validation or by a limit; its number is the same. */
function badDocument(): object {
  return {
    message: expect.stringMatching(/\d/), // the limit
    extensions: {
      code: expect.stringMatching(/^(GRAPHQL_PARSE_FAILED|GRAPHQL_VALIDATION_FAILED|BAD_USER_INPUT)$/),
      errorCode: 6017,
    },
  };
}

describe("a list that is too long", () => {
  test("of 101 users to follow names the limit, and follows none", async () => {
    const alice = await server.token("list-alice");
    await ask(server, Register, { userIDs: users(100) }, await server.token("admin", "admin"));
    expect(failure(await post(server, Follow, { userIDs: users(101) }, alice))).toMatchObject(badInput(/\b100\b/));
    expect((await ask(server, Following, {}, alice)).subscribedUserStatus).toEqual([]);

    const { subscribeUserStatus } = await ask(server, Follow, { userIDs: users(100) }, alice);
    expect(subscribeUserStatus.successUserList.map(({ userID }) => userID)).toEqual(users(100));
  });

  test("of 501 users to read names the limit, while 500 go", async () => {
    const alice = await server.token("read-alice");
    expect(failure(await post(server, Status, { userIDs: users(501) }, alice))).toMatchObject(badInput(/\b500\b/));
    const { userStatus } = await ask(server, Status, { userIDs: users(500, "nobody") }, alice);
    expect(userStatus.failureUserList).toHaveLength(500);
  });
});

describe("a custom status", () => {
  const past = new Date(Date.now() - 60_000).toISOString();
  const cases: { name: string; text: string; expiresAt?: string; says: RegExp }[] = [
    { name: "of 101 bytes", text: "x".repeat(101), says: /\b101\b.*\b100\b/ },
    { name: "of 99 bytes and an emoji", text: `${"x".repeat(99)}🍜`, says: /\b103\b.*\b100\b/ },
    { name: "with a control character", text: "two\nlines", says: /control character/ },
    { name: "with an expiry in the past", text: "late", expiresAt: past, says: /past/ },
  ];

  test.for(cases)("$name is refused, and nothing is changed", async ({ text, expiresAt, says }) => {
    const alice = await server.token(`text-alice`);
    const before = await ask(server, SetStatus, { text: "as it was" }, alice);
    const variables = expiresAt === undefined ? { text } : { text, expiresAt };
    expect(failure(await post(server, SetStatus, variables, alice))).toMatchObject(badInput(says));
    expect((await ask(server, Self, {}, alice)).self.status).toEqual(before.setSelfStatus);
  });

  test("of 100 bytes goes, whatever they are", async () => {
    const text = `${"x".repeat(96)}🍜`;
    const { setSelfStatus } = await ask(server, SetStatus, { text }, await server.token("hundred-alice"));
    expect(setSelfStatus.customStatus).toBe(text);
  });
});

describe("a document", () => {
  const nested = (open: string, levels: number): string => open.repeat(levels) + "}".repeat(levels);
  const aliases = (count: number): string => Array.from({ length: count }, (_, n) => `a${n}: __typename`).join(" ");
  const cases: { name: string; query: string }[] = [
    { name: "with 3,000 aliases", query: `{ ${aliases(3000)} }` },
    { name: "with 80 levels of fragments", query: `{ ${nested("... on Query { __typename ", 80)} }` },
    { name: "with 80 levels of fields", query: `{ __type(name: "Query") { ${nested("ofType { name ", 80)} } }` },
  ];

  test.for(cases)("$name is refused, and the limit named", async ({ query }) => {
    const answer = await post(server, { query }, {}, await server.token("document-alice"));
    expect(failure(answer)).toMatchObject(badDocument());
  });

  test("that doesn't parse, or doesn't validate, is told so", async () => {
    const unparsable = failure(await post(server, { query: "{" }, {}));
    expect(unparsable.extensions).toEqual({ code: "GRAPHQL_PARSE_FAILED", errorCode: 6017 });
    const invalid = failure(await post(server, { query: "{ nothing }" }, {}));
    expect(invalid.extensions).toEqual({ code: "GRAPHQL_VALIDATION_FAILED", errorCode: 6017 });
  });
});

describe("a body", () => {
  /** A query with so much white space after it that the whole has that many bytes. */
  const padded = (bytes: number): string => {
    const query = '{"query":"{ __typename }"';
    return `${query}${" ".repeat(bytes - query.length - 1)}}`;
  };

  test.for([
    { name: "1 MiB and a byte", bytes: MAX_BODY + 1 },
    { name: "3 MiB", bytes: 3 * MAX_BODY },
  ])("of $name is answered 413, and the limit named", async ({ bytes }) => {
    const answer = await send(server.http, { method: "POST", headers: HEADERS, body: padded(bytes) });
    expect(answer.status).toBe(413);
    const { errors } = JSON.parse(answer.text) as { errors: Failed[] };
    expect(errors).toEqual([expect.objectContaining(badInput(/1 ?MiB|1048576|1,048,576/))]);
  });

  test("of 1 MiB goes", async () => {
    const answer = await send(server.http, { method: "POST", headers: HEADERS, body: padded(MAX_BODY) });
    expect(answer.status).toBe(200);
  });

  test.for(['{"query": what is this', "[]", "5", "", '{"query":"{ __typename }","variables":5}'])(
    "of %j is answered 400 in JSON",
    async (body) => {
      const answer = await send(server.http, { method: "POST", headers: HEADERS, body });
      expect(answer.status).toBe(400);
      const { errors } = JSON.parse(answer.text) as { errors: Failed[] };
      expect(errors[0]?.message).toMatch(/./);
      expect(errors[0]?.extensions?.errorCode).toBe(6017);
      expect(answer.text).not.toContain("what is this"); // a body may hold secrets, and is not echoed
    },
  );
});

describe("who may not", () => {
  test("is 401 for the whole request with a bad token", async () => {
    const answer = await post(server, { query: "{ __typename }" }, {}, "not.a.token");
    expect(answer.status).toBe(401);
    expect(failure(answer).extensions).toEqual({ code: "UNAUTHENTICATED", errorCode: 6014 });
  });

  test("is UNAUTHENTICATED without a token, for the fields that need one", async () => {
    expect(failure(await post(server, Self, {})).extensions).toEqual({ code: "UNAUTHENTICATED", errorCode: 6014 });
    expect(await post(server, { query: "{ __typename }" }, {})).toMatchObject({ data: { __typename: "Query" } });
  });

  test("is FORBIDDEN in the admin's fields", async () => {
    const answer = await post(server, Register, { userIDs: ["x"] }, await server.token("forbidden-alice"));
    expect(failure(answer).extensions).toEqual({ code: "FORBIDDEN", errorCode: 70403 });
  });

  test("is RATE_LIMITED past the rate of one's own changes", async () => {
    const alice = await server.token("rate-alice");
    const answers = await Promise.all(users(100).map((text) => post(server, SetStatus, { text }, alice)));
    const refused = answers.filter(({ errors }) => errors);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      expect(failure(answer)).toMatchObject({
        message: expect.stringMatching(/\b20\b/),
        extensions: { code: "RATE_LIMITED", errorCode: 7008 },
      });
    }
  });

  test("is a row of its own where only one of several users is the matter", async () => {
    const alice = await server.token("rows-alice");
    await ask(server, Self, {}, await server.token("rows-bob"));
    const asked = ["rows-bob", "rows-nobody", "", "rows-alice", "a\u0007b", "x".repeat(129), "rows-bob"];
    const { subscribeUserStatus } = await ask(server, Follow, { userIDs: asked }, alice);
    expect(subscribeUserStatus.successUserList.map(({ userID }) => userID)).toEqual(["rows-bob"]);
    expect(subscribeUserStatus.failureUserList.map(({ userID, code }) => [userID, code])).toEqual([
      ["rows-nobody", 70107],
      ["", 70402],
      ["rows-alice", 70402],
      ["a\u0007b", 70402],
      ["x".repeat(129), 70402],
    ]);
  });
});
