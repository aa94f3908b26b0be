import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openTab, showSelf, showUser, showUsers, type Tab } from "./page.tsx";
import { StrictMode } from "react";
import { flushSync } from "react-dom";
import { openAs } from "./chat.ts";
import { ask } from "./http.ts";
import { Following, Register, SetStatus, Unfollow } from "./operations.ts";
import { startServer, type Server } from "./server.ts";
import { openWay } from "./wire.ts";

let server: Server;
beforeAll(async () => {
  server = await startServer("--offline-grace=5s");
});

vi.stubGlobal("WebSocket", WebSocket); // Apollo's own link takes it for granted

const complaints = [vi.spyOn(console, "error"), vi.spyOn(console, "warn")];
afterAll(() => {
  for (const complaint of complaints) expect(complaint.mock.calls).toEqual([]);
});

const users = (count: number, prefix: string): string[] => Array.from({ length: count }, (_, n) => `${prefix}-${n}`);

async function register(...userIDs: string[]): Promise<void> {
  const admin = await server.token("admin", "admin");
  for (let from = 0; from < userIDs.length; from += 100) {
    await ask(server, Register, { userIDs: userIDs.slice(from, from + 100) }, admin);
  }
}

async function tabOf(user: string, url = server.url): Promise<Tab & { following(): Promise<string[]> }> {
  const token = await server.token(user);
  return {
    ...openTab({ url, token: () => server.token(user) }),
    async following() {
      const { subscribedUserStatus } = await ask(server, Following, {}, token);
      return subscribedUserStatus.map(({ userID }) => userID);
    },
  };
}

async function set(user: string, text: string): Promise<void> {
  await ask(server, SetStatus, { text }, await server.token(user));
}

/** The requests that were made, but for the stream. */
const requests = ({ wire }: Tab): string[] => wire.operations().filter((name) => name !== "UserStatusUpdated");

describe("useUserStatus", () => {
  test("shows a user from UNKNOWN on, and each change while it is mounted", async () => {
    await register("live-bob");
    const tab = await tabOf("live-alice");
    const { Show, views } = showUser();
    tab.render(<Show userID="live-bob" />);
    expect(await views.next("the first render")).toEqual({
      status: expect.objectContaining({ userID: "live-bob", statusType: "UNKNOWN", version: 0 }),
      stale: false,
      loading: true,
      failure: undefined,
    });
    const known = await views.until("a status", ({ loading }) => !loading);
    expect(known.status).toMatchObject({ statusType: "UNLOGINED", customStatus: "" });

    const bob = await openAs(server, "live-bob");
    await views.until("bob online", ({ status, stale }) => status.statusType === "ONLINE" && !stale);
    await bob.chat.setSelfStatus({ customStatus: "lunch" });
    await views.until("bob's text", ({ status }) => status.customStatus === "lunch");
  });

  test("tells why there is no status, and shows oneself without ado", async () => {
    const tab = await tabOf("failing-alice");
    const [nobody, invalid, self] = [showUser(), showUser(), showUser()];
    tab.render([
      <nobody.Show key="1" userID="failing-nobody" />,
      <invalid.Show key="2" userID="" />,
      <self.Show key="3" userID="failing-alice" />,
    ]);
    const isSettled = ({ loading, stale }: { loading: boolean; stale: boolean }): boolean => !loading && !stale;
    expect((await nobody.views.until("a failure", isSettled)).failure).toMatchObject({ code: 70107, message: expect.any(String) });
    expect((await invalid.views.until("a failure", isSettled)).failure).toMatchObject({ code: 70402 });
    const { status, failure } = await self.views.until("oneself", isSettled);
    expect(status).toMatchObject({ userID: "failing-alice", statusType: "ONLINE" });
    expect(failure).toBeUndefined();
  });

  test("of a hundred components is one request, given back when they are gone, and another where it changes", async () => {
    const all = users(100, "hundred");
    await register(...all, "hundred-other");
    const tab = await tabOf("hundred-alice");
    const { Show, views } = showUser();
    tab.render(all.map((userID) => <Show key={userID} userID={userID} />));
    await views.until("the last one", ({ status, loading }) => !loading && status.userID === "hundred-99");
    expect(requests(tab)).toEqual(["SubscribeManyUserStatus"]);

    tab.render(<Show userID="hundred-other" />);
    await views.until("the other", ({ status, loading }) => !loading && status.userID === "hundred-other");
    await tab.wire.answered("UnsubscribeUserStatus");
    expect(await tab.following()).toEqual(["hundred-other"]);
  });

  test("of 1,000 components is ten requests at most, the stream included, and none is left when they are gone", async () => {
    const all = users(1000, "thousand");
    await register(...all);
    const tab = await tabOf("thousand-alice");
    const { Show, views } = showUser();
    const known = new Set<string>();
    tab.render(all.map((userID) => <Show key={userID} userID={userID} />));
    await views.until("all of them", ({ loading, status }) => !loading && known.add(status.userID).size === 1000);
    expect(tab.wire.operations().length).toBeLessThanOrEqual(10);
    expect(await tab.following()).toHaveLength(1000);

    tab.unmount();
    for (let part = 0; part < 10; part++) await tab.wire.operation("UnsubscribeUserStatus");
    await tab.wire.said.until("the end of the stream", ({ type }) => type === "complete");
    expect(await tab.following()).toEqual([]);
  });

  test("of many components for the same user is counted: it is given back with the last of them, and not for a remount", async () => {
    await register("count-bob");
    const tab = await tabOf("count-alice");
    const { Show, views } = showUser();
    tab.render([<Show key="1" userID="count-bob" />, <Show key="2" userID="count-bob" />]);
    await views.until("bob", ({ loading }) => !loading);
    tab.render(<Show key="1" userID="count-bob" />);
    await set("count-bob", "still heard");
    await views.until("bob's text", ({ status }) => status.customStatus === "still heard");
    flushSync(() => tab.render(<p>another route</p>));
    await set("count-bob", "said meanwhile");
    tab.render(<Show key="3" userID="count-bob" />);
    await views.until("bob's text", ({ status }) => status.customStatus === "said meanwhile");
    await set("count-bob", "heard after a remount");
    await views.until("bob's text", ({ status }) => status.customStatus === "heard after a remount");
    tab.unmount();
    await tab.wire.said.until("the end of the stream", ({ type }) => type === "complete");
    expect(requests(tab)).toEqual(["SubscribeManyUserStatus", "UnsubscribeUserStatus"]);
    expect(await tab.following()).toEqual([]);
  });

  test("makes no request twice in StrictMode", async () => {
    await register("strict-bob");
    const tab = await tabOf("strict-alice");
    const { Show, views } = showUser();
    tab.render(
      <StrictMode>
        <Show userID="strict-bob" />
      </StrictMode>,
    );
    await views.until("bob", ({ loading }) => !loading);
    tab.unmount();
    await tab.wire.said.until("the end of the stream", ({ type }) => type === "complete");
    expect(tab.wire.operations()).toEqual(["UserStatusUpdated", "SubscribeManyUserStatus", "UnsubscribeUserStatus"]);
  });

  test("throws in words where the cache lacks the type policies", async () => {
    const { ApolloClient, InMemoryCache, ApolloLink } = await import("@apollo/client");
    const { rosterOf } = await import("../src/apollo/core.ts");
    const client = new ApolloClient({ cache: new InMemoryCache(), link: ApolloLink.empty() });
    expect(() => rosterOf(client)).toThrow(/typePolicies/);
  });
});

describe("useUserStatuses", () => {
  test("shows a list in order, whoever of it fails, and follows the list as it changes", async () => {
    await register("list-bob", "list-carol");
    const tab = await tabOf("list-alice");
    const { Show, views } = showUsers();
    tab.render(<Show userIDs={["list-carol", "list-nobody", "list-bob"]} />);
    const view = await views.until("all of them", ({ loading }) => !loading);
    expect(view.statuses.map(({ userID, statusType }) => [userID, statusType])).toEqual([
      ["list-carol", "UNLOGINED"],
      ["list-nobody", "UNKNOWN"],
      ["list-bob", "UNLOGINED"],
    ]);
    expect(view.failures).toEqual([{ userID: "list-nobody", code: 70107, message: expect.any(String) }]);
    expect(view.failure).toEqual(view.failures[0]);

    tab.render(<Show userIDs={["list-bob"]} />);
    const shorter = await views.until("the shorter list", ({ statuses }) => statuses.length === 1);
    expect(shorter).toMatchObject({ loading: false, failures: [] });
    await set("list-bob", "heard");
    await views.until("bob's text", ({ statuses }) => statuses[0]?.customStatus === "heard");
  });
});

describe("useSelfStatus", () => {
  test("shows oneself, and sets one's text", async () => {
    const tab = await tabOf("self-alice");
    const { Show, views } = showSelf();
    tab.render(<Show />);
    const { setCustomStatus, status } = await views.until("oneself", ({ loading }) => !loading);
    expect(status).toMatchObject({ userID: "self-alice", statusType: "ONLINE", platforms: ["web"] });
    const inAnHour = new Date(Date.now() + 3_600_000);
    expect(await setCustomStatus("lunch", { expiresAt: inAnHour })).toMatchObject({ customStatus: "lunch" });
    const set = await views.until("the text", ({ status }) => status.customStatus === "lunch");
    expect(set.status.customStatusExpiresAt).toBe(inAnHour.toISOString());
    await expect(setCustomStatus("x".repeat(200))).rejects.toMatchObject({ code: 6017, reason: "BAD_USER_INPUT" });

    const phone = await openAs(server, "self-alice", { platform: "ios" });
    await phone.chat.setSelfStatus({ customStatus: "from the phone" });
    await views.until("the phone's text", ({ status }) => status.customStatus === "from the phone");
  });
});

describe("a cache that is cleared", () => {
  test("is filled again with whoever is shown", async () => {
    await register("clear-bob");
    const tab = await tabOf("clear-alice");
    const [bob, self] = [showUser(), showSelf()];
    tab.render([<bob.Show key="1" userID="clear-bob" />, <self.Show key="2" />]);
    await bob.views.until("bob", ({ loading, stale }) => !loading && !stale);
    await self.views.until("oneself", ({ loading }) => !loading);
    await tab.client.clearStore();
    await bob.views.until("nothing", ({ loading }) => loading);
    await bob.views.until("bob again", ({ status, stale }) => status.version > 0 && !stale);
    await self.views.until("oneself again", ({ status }) => status.userID === "clear-alice");
    await set("clear-bob", "heard");
    await bob.views.until("bob's text", ({ status }) => status.customStatus === "heard");
  });
});

describe("after a lost connection", () => {
  test("what is shown is stale, and then right again by itself, without a request", async () => {
    await register("stale-bob");
    const way = await openWay(server.url);
    const tab = await tabOf("stale-alice", way.url);
    const [bob, self] = [showUser(), showSelf()];
    tab.render([<bob.Show key="1" userID="stale-bob" />, <self.Show key="2" />]);
    await bob.views.until("bob", ({ loading, stale }) => !loading && !stale);
    await self.views.until("oneself", ({ loading }) => !loading);

    way.cut();
    await bob.views.until("bob stale", ({ stale }) => stale);
    await self.views.until("oneself stale", ({ stale }) => stale);
    await set("stale-bob", "meanwhile");
    way.mend();
    const { status } = await bob.views.until("bob right again", ({ stale }) => !stale);
    expect(status.customStatus).toBe("meanwhile");
    await self.views.until("oneself right again", ({ stale }) => !stale);
    expect(requests(tab)).toEqual(expect.arrayContaining(["SubscribeManyUserStatus", "GetSelf"]));
    expect(requests(tab)).toHaveLength(2);
  });

  test("with the server killed and started again, likewise", async () => {
    const own = await startServer();
    await ask(own, Register, { userIDs: ["killed-bob"] }, await own.token("admin", "admin"));
    const tab = openTab({ url: own.url, token: () => own.token("killed-alice") });
    const { Show, views } = showUser();
    tab.render(<Show userID="killed-bob" />);
    await views.until("bob", ({ loading, stale }) => !loading && !stale);
    await own.kill();
    await views.until("bob stale", ({ stale }) => stale);
    await own.restart();
    await views.until("bob right again", ({ stale }) => !stale);
    const bob = await openAs(own, "killed-bob");
    await bob.online();
    await views.until("bob online", ({ status }) => status.statusType === "ONLINE");
  });

  test("a subscription that somebody cancelled meanwhile is made anew", async () => {
    await register("lost-bob", "lost-carol");
    const way = await openWay(server.url);
    const tab = await tabOf("lost-alice", way.url);
    const { Show, views } = showUsers();
    tab.render(<Show userIDs={["lost-bob", "lost-carol"]} />);
    await views.until("both", ({ loading, stale }) => !loading && !stale);
    await tab.wire.operation("SubscribeManyUserStatus");
    way.cut();
    await views.until("stale", ({ stale }) => stale);
    await ask(server, Unfollow, { userIDs: ["lost-bob"] }, await server.token("lost-alice"));
    way.mend();
    const { payload } = await tab.wire.operation("SubscribeManyUserStatus");
    expect(payload).toMatchObject({ variables: { userIDList: ["lost-bob"], more: [] } });
    await set("lost-bob", "heard again");
    await views.until("bob's text", ({ statuses }) => statuses[0]?.customStatus === "heard again");
  });

  test("what could not be had is asked for again, and the hook says why meanwhile", async () => {
    const way = await openWay(server.url);
    way.cut();
    await register("late-bob");
    const tab = openTab({ url: way.url, token: await server.token("late-alice"), timeout: 100 });
    const { Show, views } = showUser();
    tab.render(<Show userID="late-bob" />);
    const { failure, loading } = await views.until("a failure", ({ failure }) => failure !== undefined);
    expect({ failure, loading }).toMatchObject({ failure: { code: 6200, message: expect.stringMatching(/no connection/) }, loading: false });
    way.mend();
    const view = await views.until("bob", ({ status, stale }) => status.version > 0 && !stale);
    expect(view.failure).toBeUndefined();
  });

  test("over a link that gives up, the stream is opened anew", async () => {
    await register("other-bob");
    const way = await openWay(server.url);
    const authorization = `Bearer ${await server.token("other-alice")}`;
    const connection = createClient({ url: `${way.url.replace("http", "ws")}/graphql`, connectionParams: { authorization }, retryAttempts: 0 });
    const tab = openTab({ url: way.url, token: "unused" }, new GraphQLWsLink(connection));
    const { Show, views } = showUser();
    tab.render(<Show userID="other-bob" />);
    await views.until("bob", ({ loading, stale }) => !loading && !stale);
    way.cut();
    await views.until("bob stale", ({ stale }) => stale);
    await set("other-bob", "meanwhile");
    way.mend();
    expect((await views.until("bob right again", ({ stale }) => !stale)).status.customStatus).toBe("meanwhile");
  });

  test("a user who was unknown and came to be is shown", async () => {
    const way = await openWay(server.url);
    const tab = await tabOf("come-alice", way.url);
    const { Show, views } = showUser();
    tab.render(<Show userID="come-bob" />);
    await views.until("a failure", ({ failure }) => failure?.code === 70107);
    await register("come-bob");
    way.cut();
    await views.until("stale", ({ stale }) => stale);
    way.mend();
    const { failure } = await views.until("bob", ({ status, stale }) => status.version > 0 && !stale);
    expect(failure).toBeUndefined();
  });
});

describe("two tabs of a user", () => {
  test("stay right when one of them gives back whom the other still shows", async () => {
    await register("tabs-bob");
    const [first, second] = [await tabOf("tabs-alice"), await tabOf("tabs-alice")];
    const [one, two] = [showUser(), showUser()];
    first.render(<one.Show userID="tabs-bob" />);
    second.render(<two.Show userID="tabs-bob" />);
    await one.views.until("bob", ({ loading }) => !loading);
    await two.views.until("bob", ({ loading }) => !loading);
    await second.wire.operation("SubscribeManyUserStatus");

    first.unmount();
    await first.wire.answered("UnsubscribeUserStatus");
    await second.wire.operation("SubscribeManyUserStatus");
    await two.views.until("bob kept current", ({ stale }) => !stale);
    await set("tabs-bob", "heard by the other tab");
    await two.views.until("bob's text", ({ status }) => status.customStatus === "heard by the other tab");
    second.unmount();
    await second.wire.said.until("the end of the stream", ({ type }) => type === "complete");
    expect(await second.following()).toEqual([]);
  });
});
