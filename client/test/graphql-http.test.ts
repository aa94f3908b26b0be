import { serverAudits, type AuditResult } from "graphql-http";
import { beforeAll, describe, expect, test } from "vitest";
import { post, send, type RawAnswer } from "./http.ts";
import { Self, SetStatus, Updates } from "./operations.ts";
import { SECRET, startServer, type Server } from "./server.ts";

const FOREIGN = "https://evil.example";
const LOOPBACK = "http://localhost:5173";
const QUERY = JSON.stringify({ query: "{ __typename }" });
const JSON_HEADERS = { "content-type": "application/json", accept: "application/json" };

let server: Server;
beforeAll(async () => {
  server = await startServer(); // development mode: introspection is on, and the audit needs it
});

const preflight = (to: Server, origin: string): Promise<RawAnswer> =>
  send(to.http, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type,x-platform",
    },
  });

const postFrom = (to: Server, origin: string): Promise<RawAnswer> =>
  send(to.http, { method: "POST", headers: { ...JSON_HEADERS, origin }, body: QUERY });

const getUrl = (query: string): string => `${server.http}?${new URLSearchParams({ query })}`;

async function customStatusOf(user: string): Promise<string | undefined> {
  const { data } = await post<{ self: { status: { customStatus: string } } }, object>(
    server,
    Self,
    {},
    await server.token(user),
  );
  return data?.self.status.customStatus;
}

describe("GraphQL over HTTP", () => {
  test("passes the graphql-http audit without one MUST or SHOULD failing", async () => {
    const audits = serverAudits({ url: server.http, fetchFn: fetch });
    const results: AuditResult[] = [];
    for (const audit of audits) results.push(await audit.fn());

    const of = (status: AuditResult["status"]): AuditResult[] => results.filter((result) => result.status === status);
    const figures = (["ok", "notice", "warn", "error"] as const).map((status) => `${of(status).length} ${status}`);
    console.log(`graphql-http audit, ${results.length} checks: ${figures.join(", ")}`);
    const named = (failures: AuditResult[]): string[] =>
      failures.map((failure) => `${failure.id} ${failure.name}: ${"reason" in failure ? failure.reason : ""}`);
    expect(named(of("error"))).toEqual([]);
    expect(named(of("warn"))).toEqual([]);
  });

  test("runs queries by GET and nothing else, and answers a mutation there with 405", async () => {
    const headers = { ...JSON_HEADERS, authorization: `Bearer ${await server.token("get-alice")}` };
    const query = await send(getUrl("{ self { status { userID } } }"), { method: "GET", headers });
    expect(query.status).toBe(200);
    expect(JSON.parse(query.text)).toEqual({ data: { self: { status: { userID: "get-alice" } } } });

    const mutation = 'mutation { setSelfStatus(customStatus: "by GET") { version } }';
    expect(await send(getUrl(mutation), { method: "GET", headers })).toMatchObject({ status: 405 });
    const subscription = await send(getUrl(Updates.query), { method: "GET", headers });
    expect(JSON.parse(subscription.text)).toMatchObject({ errors: [{ message: expect.any(String) }] });
    expect(await customStatusOf("get-alice")).toBe("");
  });

  test("answers other methods with 405 and those that go", async () => {
    const answer = await send(server.http, { method: "DELETE" });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toMatch(/POST/);
  });

  test("refuses a subscription by a plain POST, at once and with a word", async () => {
    const { data, errors } = await post(server, Updates, {}, await server.token("plain-alice"));
    expect(data ?? null).toBeNull();
    expect(errors?.[0]?.message).toMatch(/subscription/i);
  });
});

describe("other origins", () => {
  test("get a preflight answer if they are allowed, for the headers that clients send", async () => {
    const answer = await preflight(server, LOOPBACK);
    expect([200, 204]).toContain(answer.status);
    expect(answer.headers["access-control-allow-origin"]).toBe(LOOPBACK);
    expect(answer.headers["access-control-allow-methods"]).toMatch(/POST/);
    const allowed = String(answer.headers["access-control-allow-headers"]).toLowerCase();
    for (const name of ["authorization", "content-type", "x-platform"]) expect(allowed).toContain(name);
  });

  test("get an answer that a browser lets them read, if they are allowed", async () => {
    const answer = await postFrom(server, LOOPBACK);
    expect(answer.status).toBe(200);
    expect(answer.headers["access-control-allow-origin"]).toBe(LOOPBACK);
    expect(String(answer.headers.vary).toLowerCase()).toContain("origin");
  });

  test("get nothing if they are foreign: no preflight, and 403 for POST and GET", async () => {
    const asked = await preflight(server, FOREIGN);
    expect(asked.headers["access-control-allow-origin"]).toBeUndefined();

    const get = await send(getUrl("{ __typename }"), { method: "GET", headers: { ...JSON_HEADERS, origin: FOREIGN } });
    for (const answer of [await postFrom(server, FOREIGN), get]) {
      expect(answer.status).toBe(403);
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
      expect(answer.text).not.toContain('"data"');
    }
  });

  test("are, outside of development mode, the server's own and the allowed ones alone", async () => {
    const app = "https://app.example";
    const strict = await startServer(`--jwt-secret=${SECRET}`, `--allowed-origin=${app}`);
    expect((await preflight(strict, app)).headers["access-control-allow-origin"]).toBe(app);
    expect(await postFrom(strict, app)).toMatchObject({ status: 200 });
    expect(await postFrom(strict, strict.url)).toMatchObject({ status: 200 });
    expect(await postFrom(strict, LOOPBACK)).toMatchObject({ status: 403 });
    expect(await postFrom(strict, "null")).toMatchObject({ status: 403 });
  });

  test("cannot run anything by what a form may post without a preflight", async () => {
    const authorization = `Bearer ${await server.token("form-alice")}`;
    const variables = { text: "by a form" };
    const json = JSON.stringify({ query: SetStatus.query, variables });
    const form = new URLSearchParams({ query: SetStatus.query, variables: JSON.stringify(variables) });
    const part = `--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${json}\r\n--x--\r\n`;
    const bodies: [string | undefined, string][] = [
      ["text/plain", json],
      ["application/x-www-form-urlencoded", form.toString()],
      ["multipart/form-data; boundary=x", part],
      [undefined, json],
    ];
    for (const [type, body] of bodies) {
      const headers = { authorization, accept: "application/json", ...(type === undefined ? {} : { "content-type": type }) };
      const answer = await send(server.http, { method: "POST", headers, body });
      expect(answer.status, String(type)).toBeGreaterThanOrEqual(400);
      expect(answer.status, String(type)).toBeLessThan(500);
    }
    expect(await customStatusOf("form-alice")).toBe("");
  });
});
