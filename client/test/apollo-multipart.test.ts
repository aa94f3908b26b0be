import { ApolloClient, HttpLink, InMemoryCache } from "@apollo/client";
import { beforeAll, describe, expect, test } from "vitest";
import { atEnd } from "./cleanup.ts";
import { createFeed, explain, type Feed } from "./feed.ts";
import { ask, send } from "./http.ts";
import { Follow, Logout, Self, SetStatus, Updates } from "./operations.ts";
import { SECRET, startServer, type Server } from "./server.ts";
import { collectUpdates, of, type Updates as Heard } from "./updates.ts";

let server: Server;
beforeAll(async () => {
  server = await startServer("--offline-grace=300ms", `--jwt-secret=${SECRET}`);
});

/** Apollo Client with an HttpLink and nothing else. */
interface Page {
  readonly apollo: ApolloClient;
  /** One entry for each heartbeat of its streams. */
  readonly heartbeats: Feed<"heartbeat">;
  listen(): Promise<Heard & { unsubscribe(): void }>;
}

async function openPage(user: string, lifetimeSeconds?: number): Promise<Page> {
  const token = await server.token(user, undefined, lifetimeSeconds);
  const heartbeats = createFeed<"heartbeat">();
  const apollo = new ApolloClient({
    link: new HttpLink({
      uri: server.http,
      headers: { authorization: `Bearer ${token}`, "x-platform": "web" },
      fetch: async (input, init) => listeningFor(heartbeats, await fetch(input, init)),
    }),
    cache: new InMemoryCache(),
    defaultOptions: { query: { fetchPolicy: "no-cache" } },
  });
  return { apollo, heartbeats, listen: () => listen(apollo, user) };
}

async function listen(apollo: ApolloClient, user: string): Promise<Heard & { unsubscribe(): void }> {
  const heard = collectUpdates();
  const subscription = apollo.subscribe({ query: Updates.document }).subscribe(heard.observer);
  const unsubscribe = (): void => subscription.unsubscribe();
  atEnd(unsubscribe);
  await heard.until(user, { statusType: "ONLINE" });
  return { ...heard, unsubscribe };
}

/** The same response; a part whose body is `{}` is a heartbeat, which Apollo Client keeps to itself. */
function listeningFor(heartbeats: Feed<"heartbeat">, response: Response): Response {
  if (!response.headers.get("content-type")?.startsWith("multipart/mixed") || !response.body) return response;
  const decoder = new TextDecoder();
  const watched = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        if (/\r\n\r\n\{\}\s*(\r\n|$)/.test(decoder.decode(chunk, { stream: true }))) heartbeats.push("heartbeat");
        controller.enqueue(chunk);
      },
    }),
  );
  return new Response(watched, response);
}

const say = ({ apollo }: Page, text: string) => apollo.mutate({ mutation: SetStatus.document, variables: { text } });

/** Bob's stream, from which on he hears of the other. */
async function follow(user: string, other: string): Promise<Heard & { page: Page; unsubscribe(): void }> {
  await ask(server, Self, {}, await server.token(other));
  const page = await openPage(user);
  const { data } = await page.apollo.mutate({ mutation: Follow.document, variables: { userIDs: [other] } });
  expect(data?.subscribeUserStatus.failureUserList).toEqual([]);
  return { ...(await page.listen()), page };
}

describe("Apollo Client with an HttpLink alone", () => {
  test("hears several changes on one subscription, the snapshot first", async () => {
    const alice = await openPage("several-alice");
    await say(alice, "zero");
    const heard = await follow("several-bob", "several-alice");
    expect(of("several-alice", heard.payloads.all[0] ?? []).customStatus).toBe("zero");

    for (const text of ["one", "two", "three"]) {
      await say(alice, text);
      await heard.until("several-alice", { customStatus: text });
    }
  });

  test("is alive beyond a heartbeat", async () => {
    const heard = await follow("heart-bob", "heart-alice");
    await heard.page.heartbeats.next("a first heartbeat");
    await heard.page.heartbeats.next("a second heartbeat");

    await say(await openPage("heart-alice"), "after the heartbeats");
    await heard.until("heart-alice", { customStatus: "after the heartbeats" });
  });

  test("makes its user ONLINE while it is open, and OFFLINE a grace after it was unsubscribed", async () => {
    const heard = await follow("presence-bob", "presence-alice");
    const alice = await openPage("presence-alice");
    const own = await alice.listen();
    expect(await heard.until("presence-alice", { statusType: "ONLINE" })).toMatchObject({ lastOnlineAt: null });

    own.unsubscribe();
    const gone = await heard.until("presence-alice", { statusType: "OFFLINE" });
    expect(gone.platforms).toEqual([]);
    expect(gone.lastOnlineAt).not.toBeNull();
  });

  test("is completed by a logout, and its user UNLOGINED at once", async () => {
    const heard = await follow("logout-bob", "logout-alice");
    const alice = await openPage("logout-alice");
    const own = await alice.listen();

    const { data } = await alice.apollo.mutate({ mutation: Logout.document });
    expect(data?.logout.statusType).toBe("UNLOGINED");
    expect(await own.statuses.ended("the stream of who logged out")).toEqual({ kind: "complete" });
    await heard.until("logout-alice", { statusType: "UNLOGINED" });
  });

  test("ends in an error, not in completion, when the token expires, so that its owner comes back", async () => {
    const alice = await openPage("expiry-alice", 3);
    const own = await alice.listen();
    const ending = await own.statuses.ended("the stream of an expired token");
    expect(explain(ending)).toMatch(/premature end|terminated/);
  });

  test("ends in an error, not in completion, when the server shuts down", async () => {
    const own = await startServer(`--jwt-secret=${SECRET}`);
    const heard = collectUpdates();
    const apollo = new ApolloClient({
      link: new HttpLink({ uri: own.http, headers: { authorization: `Bearer ${await own.token("deploy-alice")}` } }),
      cache: new InMemoryCache(),
    });
    apollo.subscribe({ query: Updates.document }).subscribe(heard.observer);
    await heard.until("deploy-alice", { statusType: "ONLINE" });

    await own.stop();
    expect(explain(await heard.statuses.ended("the stream of a server that stopped"))).toMatch(
      /premature end|terminated/,
    );
  });

  test("is told of a subscription that doesn't validate, and of one without a token", async () => {
    const body = JSON.stringify({ query: "subscription { userStatusUpdated { nothing } }" });
    const headers = {
      accept: "multipart/mixed;boundary=graphql;subscriptionSpec=1.0, application/json",
      "content-type": "application/json",
    };
    const invalid = await send(server.http, { method: "POST", headers, body });
    expect(invalid.text).toContain("GRAPHQL_VALIDATION_FAILED");

    const anonymous = await send(server.http, {
      method: "POST",
      headers,
      body: JSON.stringify({ query: Updates.query }),
    });
    expect(anonymous.text).toContain("UNAUTHENTICATED");
  });
});
