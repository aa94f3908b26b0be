import { beforeAll, describe, expect, test } from "vitest";
import { ask } from "./http.ts";
import { Self, SetStatus, Updates, type UserStatus } from "./operations.ts";
import { startServer, type Server } from "./server.ts";
import { authorization, openSocket, signIn, type Closed, type Frame, type Socket } from "./socket.ts";

const MAX_MESSAGE = 256 * 1024;
const MAX_OPERATIONS = 100;

let server: Server;
beforeAll(async () => {
  server = await startServer();
});

const subscribe = (id: string): Frame => ({ id, type: "subscribe", payload: { query: Updates.query } });
const signedIn = async (user: string): Promise<Socket> => signIn(server.ws, await server.token(user));

/** A ping that is so many bytes long as a whole. */
function pingOf(bytes: number): string {
  const empty = JSON.stringify({ type: "ping", payload: { pad: "" } });
  return JSON.stringify({ type: "ping", payload: { pad: "x".repeat(bytes - empty.length) } });
}

describe.concurrent("a socket is closed with", () => {
  const cases: { code: number; after: string; open?: (user: string) => Promise<Socket>; send: (Frame | string)[] }[] = [
    { code: 4400, after: "a message that is no JSON", send: ["{"] },
    { code: 4400, after: "a message of an unknown type", send: [{ type: "shout" }] },
    { code: 4400, after: "a subscribe without an id", send: [{ type: "subscribe", payload: { query: "{ __typename }" } }] },
    { code: 4400, after: "a subscribe without a query", send: [{ id: "1", type: "subscribe", payload: {} }] },
    { code: 4409, after: "a second operation under the same id", send: [subscribe("1"), subscribe("1")] },
    { code: 4429, after: "a second connection_init", send: [{ type: "connection_init", payload: {} }] },
    { code: 1009, after: "a message of more than 256 KiB", send: [pingOf(MAX_MESSAGE + 1)] },
    { code: 4401, after: "a subscribe before connection_init", open: () => openSocket(server.ws), send: [subscribe("1")] },
    {
      code: 4400,
      after: "a connection_init whose payload is a number",
      open: () => openSocket(server.ws),
      send: [{ type: "connection_init", payload: 5 }],
    },
    {
      code: 4403,
      after: "a bad token",
      open: () => openSocket(server.ws),
      send: [{ type: "connection_init", payload: authorization("not.a.token") }],
    },
    { code: 4408, after: "10 s without a connection_init", open: () => openSocket(server.ws), send: [] },
  ];

  for (const [index, { code, after, open = signedIn, send }] of cases.entries()) {
    test(`${code} after ${after}`, async () => {
      const socket = await open(`close-${index}`);
      send.forEach((message) => socket.send(message));
      expect(await socket.closed(after)).toMatchObject({ code });
    });
  }

  test("4408 not before its 10 s are over, though it pings", async () => {
    const start = Date.now();
    const socket = await openSocket(server.ws);
    socket.send({ type: "ping" });
    await socket.frames.until("a pong before the ack", ({ type }) => type === "pong");
    expect(await socket.closed("no connection_init")).toMatchObject({ code: 4408 });
    expect(Date.now() - start).toBeGreaterThan(9_000);
    expect(Date.now() - start).toBeLessThan(15_000);
  });
});

describe("graphql-transport-ws", () => {
  test("answers a ping with a pong of the same payload", async () => {
    const socket = await signedIn("ping-alice");
    socket.send({ type: "ping", payload: { sent: [1, "two", null] } });
    expect(await socket.frames.next("the pong")).toEqual({ type: "pong", payload: { sent: [1, "two", null] } });
  });

  test("answers a ping without a payload, and lets a pong nobody asked for pass", async () => {
    const socket = await signedIn("pong-alice");
    socket.send({ type: "pong" });
    socket.send({ type: "ping" });
    expect(await socket.frames.next("the pong")).toMatchObject({ type: "pong" });
  });

  test("takes a message of 256 KiB", async () => {
    const socket = await signedIn("large-alice");
    socket.send(pingOf(MAX_MESSAGE));
    expect(await socket.frames.next("the pong")).toMatchObject({ type: "pong" });
  });

  test("says no more about an operation that the client completed, and frees its id", async () => {
    const socket = await signedIn("complete-alice");
    socket.send(subscribe("1"));
    await socket.frames.until("the snapshot", ({ type }) => type === "next");
    const before = socket.frames.all.length;
    socket.send({ id: "1", type: "complete" });
    socket.send({ type: "ping" });
    await socket.frames.until("the pong", ({ type }) => type === "pong");
    const after = socket.frames.all.slice(before).filter(({ type }) => type === "complete" || type === "error");
    expect(after).toEqual([]);

    socket.send(subscribe("1"));
    expect(await socket.frames.until("the snapshot again", ({ type }) => type === "next")).toMatchObject({ id: "1" });
  });

  test("ends an operation that doesn't parse with an error and no complete", async () => {
    const socket = await signedIn("parse-alice");
    socket.send({ id: "1", type: "subscribe", payload: { query: "{" } });
    const error = await errorOf(socket, "1");
    expect(error).toMatchObject([{ extensions: { code: "GRAPHQL_PARSE_FAILED", errorCode: 6017 } }]);
    socket.send({ type: "ping" });
    await socket.frames.until("the pong", ({ type }) => type === "pong");
    expect(socket.frames.all.map(({ type }) => type)).not.toContain("complete");
  });

  test("answers a query with one next and a complete, also in a socket with a subscription", async () => {
    const socket = await signedIn("query-alice");
    socket.send(subscribe("s"));
    socket.send({ id: "q", type: "subscribe", payload: { query: Self.query } });
    await socket.frames.until("the query's end", ({ id, type }) => id === "q" && type === "complete");
    const answers = socket.frames.all.filter(({ id }) => id === "q").map(({ type }) => type);
    expect(answers).toEqual(["next", "complete"]);
  });

  test("has room for 100 open operations, and the next one learns the limit", async () => {
    const socket = await signedIn("room-alice");
    const ids = Array.from({ length: MAX_OPERATIONS }, (_, index) => `${index + 1}`);
    ids.forEach((id) => socket.send(subscribe(id)));
    const open = new Set<string | undefined>();
    await socket.frames.until("100 snapshots", ({ id, type }) => type === "next" && open.add(id).size === ids.length);

    socket.send(subscribe("one too many"));
    const refusal = await errorOf(socket, "one too many").catch(() => socket.closed("the refusal"));
    expect(JSON.stringify(refusal)).toMatch(/\b100\b/);
    if (isClosed(refusal)) return;

    await ask(server, SetStatus, { text: "to all of them" }, await server.token("room-alice"));
    const told = new Set<string | undefined>();
    await socket.frames.until("all 100 told", (frame) => tells(frame, "to all of them") && told.add(frame.id).size === 100);
    socket.send({ id: "1", type: "complete" });
    socket.send(subscribe("in its place"));
    await socket.frames.until("room again", ({ id, type }) => id === "in its place" && type === "next");
  });

  test("lets a browser in from loopback in development mode, and from nowhere else", async () => {
    const local = await openSocket(server.ws, undefined, { headers: { origin: "http://localhost:5173" } });
    local.close();
    await expect(
      openSocket(server.ws, undefined, { headers: { origin: "https://evil.example" } }),
    ).rejects.toThrow(/403/);
  });
});

async function errorOf(socket: Socket, id: string): Promise<unknown> {
  const frame = await socket.frames.until(`the error of ${id}`, (sent) => sent.id === id && sent.type === "error");
  return frame.payload;
}

function isClosed(outcome: unknown): outcome is Closed {
  return typeof outcome === "object" && outcome !== null && "reason" in outcome;
}

function tells({ type, payload }: Frame, text: string): boolean {
  if (type !== "next") return false;
  const { data } = payload as { data: { userStatusUpdated: readonly UserStatus[] } };
  return data.userStatusUpdated.some(({ customStatus }) => customStatus === text);
}
