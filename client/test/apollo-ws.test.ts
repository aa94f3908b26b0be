import { ApolloClient, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createClient, type Client } from "graphql-ws";
import { beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { atEnd } from "./cleanup.ts";
import { createFeed, explain } from "./feed.ts";
import { ask } from "./http.ts";
import { Follow, Logout, Self, SetStatus, Status, Updates } from "./operations.ts";
import { startServer, type Server } from "./server.ts";
import { authorization } from "./socket.ts";
import { collectUpdates, of, type Updates as Heard } from "./updates.ts";

let server: Server;
beforeAll(async () => {
  server = await startServer("--offline-grace=3s");
});

/** A browser tab or an app: Apollo Client as its documentation sets it up for WebSocket. */
interface Device {
  readonly apollo: ApolloClient;
  /** Opens `userStatusUpdated` with its snapshot. */
  listen(): Promise<Heard>;
  /** Goes without logging out, and resolves once the socket is closed. */
  leave(): Promise<void>;
}

async function connect(user: string, platform = "web"): Promise<Device> {
  const token = await server.token(user);
  const socket = createClient({
    url: server.ws,
    webSocketImpl: WebSocket,
    lazy: false,
    onNonLazyError: () => undefined, // a logout, which the test itself looks at
    connectionParams: authorization(token, platform),
  });
  const closed = once(socket, "closed");
  const apollo = new ApolloClient({
    link: new GraphQLWsLink(socket),
    cache: new InMemoryCache({ typePolicies: { UserStatus: { keyFields: ["userID"] } } }),
    defaultOptions: { query: { fetchPolicy: "network-only" } },
  });
  const leave = async (): Promise<void> => {
    apollo.stop();
    await socket.dispose();
    await closed.next("the socket closing");
  };
  atEnd(async () => socket.dispose());
  return { apollo, listen: () => listen(apollo, user), leave };
}

function once(socket: Client, event: "closed"): ReturnType<typeof createFeed<unknown>> {
  const feed = createFeed<unknown>();
  socket.on(event, feed.push);
  return feed;
}

async function listen(apollo: ApolloClient, user: string): Promise<Heard> {
  const heard = collectUpdates();
  const subscription = apollo.subscribe({ query: Updates.document }).subscribe(heard.observer);
  atEnd(() => subscription.unsubscribe());
  await heard.until(user, { statusType: "ONLINE" });
  return heard;
}

/** Follows users, and hears of them from here on. */
async function follow(device: Device, user: string, ...others: string[]): Promise<Heard> {
  const { data } = await device.apollo.mutate({ mutation: Follow.document, variables: { userIDs: others } });
  expect(data?.subscribeUserStatus.failureUserList).toEqual([]);
  return listen(device.apollo, user);
}

const say = ({ apollo }: Device, text: string) =>
  apollo.mutate({ mutation: SetStatus.document, variables: { text } });

describe("Apollo Client over a WebSocket", () => {
  test("queries and sets one's own status", async () => {
    const alice = await connect("query-alice", "ios");

    const set = await say(alice, "at lunch 🍜");
    expect(set.data?.setSelfStatus).toMatchObject({ customStatus: "at lunch 🍜", statusType: "ONLINE" });

    const read = await alice.apollo.query({ query: Self.document });
    expect(read.data?.self.status).toEqual({
      __typename: "UserStatus",
      userID: "query-alice",
      statusType: "ONLINE",
      customStatus: "at lunch 🍜",
      customStatusExpiresAt: null,
      lastOnlineAt: null,
      platforms: ["ios"],
      availability: "AVAILABLE",
      version: set.data?.setSelfStatus.version,
    });
  });

  test("is told at once what somebody it follows says", async () => {
    const alice = await connect("tell-alice");
    await say(alice, "before");
    const bob = await connect("tell-bob");
    const heard = await follow(bob, "tell-bob", "tell-alice");

    const first = heard.payloads.all[0] ?? [];
    expect(of("tell-alice", first)).toMatchObject({ customStatus: "before", statusType: "ONLINE" });
    expect(of("tell-bob", first).userID).toBe("tell-bob");

    await say(alice, "after");
    const news = await heard.until("tell-alice", { customStatus: "after" });
    expect(news.version).toBeGreaterThan(of("tell-alice", first).version);
  });

  test("keeps its cache current from the stream alone", async () => {
    const alice = await connect("cache-alice");
    await alice.listen();
    const bob = await connect("cache-bob");
    await follow(bob, "cache-bob", "cache-alice");

    const texts = createFeed<string>();
    const watched = bob.apollo
      .watchQuery({ query: Status.document, variables: { userIDs: ["cache-alice"] } })
      .subscribe(({ data }) => texts.push(data?.userStatus?.successUserList?.[0]?.customStatus ?? "nothing yet"));
    atEnd(() => watched.unsubscribe());
    await texts.until("the query's first answer", (text) => text === "");

    await say(alice, "in the cache");
    await texts.until("the cache's new text", (text) => text === "in the cache");
  });

  test("tells all the devices of a user, and only the last to leave takes them offline", async () => {
    const phone = await connect("devices-alice", "ios");
    const laptop = await connect("devices-alice", "web");
    const onPhone = await phone.listen();
    const onLaptop = await laptop.listen();
    const bob = await connect("devices-bob");
    const heard = await follow(bob, "devices-bob", "devices-alice");

    await say(phone, "everywhere");
    const told = await heard.until("devices-alice", { customStatus: "everywhere" });
    expect(told.platforms).toEqual(["ios", "web"]);
    await onPhone.until("devices-alice", { customStatus: "everywhere" });
    await onLaptop.until("devices-alice", { customStatus: "everywhere" });

    await laptop.leave();
    await say(phone, "still here");
    expect(await heard.news("devices-alice")).toMatchObject({ customStatus: "still here", statusType: "ONLINE" });

    await phone.leave();
    const gone = await heard.news("devices-alice");
    expect(gone).toMatchObject({ statusType: "OFFLINE", customStatus: "still here", platforms: [] });
    expect(Date.parse(gone.lastOnlineAt ?? "")).toBeLessThanOrEqual(Date.now());
  });

  test("shows who logged out as UNLOGINED, and lets them go for good", async () => {
    const alice = await connect("logout-alice");
    const own = await alice.listen();
    await say(alice, "outlives it");
    const bob = await connect("logout-bob");
    const heard = await follow(bob, "logout-bob", "logout-alice");

    const { data } = await alice.apollo.mutate({ mutation: Logout.document });
    expect(data?.logout.statusType).toBe("UNLOGINED");
    expect(await heard.until("logout-alice", { statusType: "UNLOGINED" })).toMatchObject({
      customStatus: "outlives it",
      platforms: [],
    });
    expect(explain(await own.statuses.ended("the stream of who logged out"))).toContain("4401");
  });

  test("keeps a user online who logs out on one of two devices, and logs out both when asked to", async () => {
    const phone = await connect("partial-alice", "ios");
    const laptop = await connect("partial-alice", "web");
    const onLaptop = await laptop.listen();

    const one = await phone.apollo.mutate({ mutation: Logout.document });
    expect(one.data?.logout.statusType).toBe("ONLINE");

    const tablet = await connect("partial-alice", "ipad");
    const both = await tablet.apollo.mutate({ mutation: Logout.document, variables: { allDevices: true } });
    expect(both.data?.logout.statusType).toBe("UNLOGINED");
    expect(explain(await onLaptop.statuses.ended("the other device's stream"))).toContain("4401");
  });

  test("makes no event of a reload within the grace", async () => {
    const alice = await connect("reload-alice");
    const carol = await connect("reload-carol");
    await alice.listen();
    await carol.listen();
    const bob = await connect("reload-bob");
    const heard = await follow(bob, "reload-bob", "reload-alice", "reload-carol");
    const before = heard.statuses.all.length;

    await alice.leave();
    const again = await connect("reload-alice");
    await again.listen();
    await carol.leave();
    // Carol left after Alice: once she is offline, Alice's grace would be over too.
    await heard.until("reload-carol", { statusType: "OFFLINE" });
    await say(again, "back again");
    await heard.until("reload-alice", { customStatus: "back again" });

    const ofAlice = heard.statuses.all.slice(before).filter(({ userID }) => userID === "reload-alice");
    expect(ofAlice).toEqual([expect.objectContaining({ statusType: "ONLINE", customStatus: "back again" })]);
  });

  test("hears of a change made over plain HTTP", async () => {
    const alice = await connect("plain-alice");
    const own = await alice.listen();
    await ask(server, SetStatus, { text: "by curl" }, await server.token("plain-alice"));
    expect(await own.until("plain-alice", { customStatus: "by curl" })).toMatchObject({ statusType: "ONLINE" });
  });
});
