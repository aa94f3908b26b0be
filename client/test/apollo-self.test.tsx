import { openTab, showSelf, showSettings, showUser, type Tab } from "./page.tsx";
import { gql } from "@apollo/client";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { StrictMode } from "react";
import { userStatusLink } from "../src/apollo/index.ts";
import { openAs } from "./chat.ts";
import { ask } from "./http.ts";
import { Register } from "./operations.ts";
import { startServer, type Server } from "./server.ts";
import { openWay } from "./wire.ts";

let server: Server;
beforeAll(async () => {
  server = await startServer("--offline-grace=5s");
});

const complaints = [vi.spyOn(console, "error"), vi.spyOn(console, "warn")];
afterAll(() => {
  for (const complaint of complaints) expect(complaint.mock.calls).toEqual([]);
});

async function register(...userIDs: string[]): Promise<void> {
  await ask(server, Register, { userIDs }, await server.token("admin", "admin"));
}

const tabOf = (user: string, url = server.url): Tab => openTab({ url, token: () => server.token(user) });

const asked = (tab: Tab): number => tab.wire.operations().filter((name) => name === "GetSelf").length;

/** A query of an app's own. */
const Mine = gql`
  query Mine {
    self {
      visibility
      blockedUserIDs
    }
  }
`;

describe("useSelfStatus", () => {
  test("sets one's availability and reports idleness, as others see it", async () => {
    const tab = tabOf("available-alice");
    const { Show, views } = showSelf();
    tab.render(<Show />);
    const { setAvailability, reportIdle } = await views.until("oneself", ({ loading }) => !loading);
    const bob = await openAs(server, "available-bob");
    await bob.chat.subscribeUserStatus({ userIDList: ["available-alice"] });

    expect(await setAvailability("BUSY")).toMatchObject({ userID: "available-alice", availability: "BUSY" });
    await views.until("busy", ({ status }) => status.availability === "BUSY");
    await bob.until("available-alice", { availability: "BUSY" });
    await setAvailability("AVAILABLE");
    await reportIdle(true);
    await views.until("away", ({ status }) => status.availability === "AWAY");
    await bob.until("available-alice", { availability: "AWAY" });
    expect(await reportIdle(false)).toMatchObject({ userID: "available-alice" });
    await views.until("available", ({ status }) => status.availability === "AVAILABLE");
    await expect(setAvailability("ASLEEP" as never)).rejects.toMatchObject({ name: "UserStatusError", code: 6017 });
  });
});

describe("useSelf", () => {
  test("shows one's settings, in all components together with useSelfStatus by one request", async () => {
    const tab = tabOf("shown-alice");
    const [one, two, status] = [showSettings(), showSettings(), showSelf()];
    tab.render(
      <StrictMode>
        <one.Show />
        <status.Show />
        <two.Show />
      </StrictMode>,
    );
    const first = await one.views.next("the first view");
    expect(first).toMatchObject({ self: undefined, stale: false, loading: true, failure: undefined });
    for (const { views } of [one, two]) {
      const { self, stale } = await views.until("the settings", ({ loading }) => !loading);
      expect({ self, stale }).toMatchObject({ self: { visibility: "EVERYONE", blockedUserIDs: [] }, stale: false });
    }
    await status.views.until("oneself", ({ loading }) => !loading);
    expect(asked(tab)).toBe(1);
    await first.setVisibility("FRIENDS");
    for (const { views } of [one, two]) await views.until("the change", ({ self }) => self?.visibility === "FRIENDS");
  });

  test("shows a change by the time it resolves, and queries of the app's agree", async () => {
    await register("change-bob", "change-carol");
    const tab = tabOf("change-alice");
    const mine = (): unknown => tab.client.cache.readQuery({ query: Mine });
    const { Show, views } = showSettings();
    tab.render(<Show />);
    const { setVisibility, block, unblock } = await views.until("the settings", ({ loading }) => !loading);

    expect(await setVisibility("NOBODY")).toMatchObject({ visibility: "NOBODY", status: { userID: "change-alice" } });
    expect(mine()).toMatchObject({ self: { visibility: "NOBODY", blockedUserIDs: [] } });
    const failures = await block(["change-carol", "change-nobody", "change-bob"]);
    expect(failures).toMatchObject([{ userID: "change-nobody", code: 70107 }]);
    expect(mine()).toMatchObject({ self: { visibility: "NOBODY", blockedUserIDs: ["change-bob", "change-carol"] } });
    await views.until("the blocks", ({ self }) => self?.blockedUserIDs.length === 2);
    expect(await unblock(["change-bob"])).toEqual([]);
    await views.until("the other block", ({ self }) => self?.blockedUserIDs.join() === "change-carol");
    await unblock();
    await views.until("no block", ({ self }) => self?.blockedUserIDs.length === 0);
    await expect(setVisibility("CATS" as never)).rejects.toMatchObject({ name: "UserStatusError", code: 6017 });
    await expect(block("change-bob" as never)).rejects.toMatchObject({ name: "UserStatusError", code: 6017 });
  });

  test("shows what a query of the app's brought", async () => {
    const tab = tabOf("brought-alice");
    const phone = await openAs(server, "brought-alice");
    const { Show, views } = showSettings();
    tab.render(<Show />);
    await views.until("the settings", ({ loading }) => !loading);
    await phone.chat.setSelfVisibility({ visibility: "NOBODY" });
    await tab.client.query({ query: Mine, fetchPolicy: "network-only" });
    await views.until("the change", ({ self }) => self?.visibility === "NOBODY");
    expect(asked(tab)).toBe(1);
  });

  test("asks anew after a reconnect, and is stale until it is answered", async () => {
    const way = await openWay(server.url);
    const tab = tabOf("lost-alice", way.url);
    const phone = await openAs(server, "lost-alice");
    const { Show, views } = showSettings();
    tab.render(<Show />);
    await views.until("the settings", ({ loading, stale }) => !loading && !stale);
    way.cut();
    await views.until("stale settings", ({ stale, self }) => stale && self?.visibility === "EVERYONE");
    await phone.chat.setSelfVisibility({ visibility: "FRIENDS" });
    way.mend();
    const { self } = await views.until("settings that are right again", ({ stale }) => !stale);
    expect(self?.visibility).toBe("FRIENDS");
    expect(asked(tab)).toBe(2);
  });

  test("asks anew when the page is shown again, and no more once it is gone", async () => {
    const tab = tabOf("page-alice");
    const phone = await openAs(server, "page-alice");
    const { Show, views } = showSettings();
    tab.render(<Show />);
    await views.until("the settings", ({ loading }) => !loading);
    await phone.chat.setSelfVisibility({ visibility: "NOBODY" });
    document.dispatchEvent(new window.Event("visibilitychange"));
    await views.until("the change", ({ self }) => self?.visibility === "NOBODY");
    tab.unmount();
    document.dispatchEvent(new window.Event("visibilitychange"));
    await tab.wire.said.until("the end of the stream", ({ type }) => type === "complete");
    expect(asked(tab)).toBe(2);
  });

  test("says why there is nothing, and asks again until there is", async () => {
    const way = await openWay(server.url);
    way.cut();
    const tab = openTab({ url: way.url, token: await server.token("late-alice"), timeout: 100 });
    const { Show, views } = showSettings();
    tab.render(<Show />);
    const { failure, loading } = await views.until("a failure", ({ failure }) => failure !== undefined);
    expect({ failure, loading }).toMatchObject({ failure: { code: 6200 }, loading: false });
    way.mend();
    const view = await views.until("the settings", ({ self, stale }) => self !== undefined && !stale);
    expect(view.failure).toBeUndefined();
  });

  test("is filled again after the cache was cleared", async () => {
    const tab = tabOf("clear-alice");
    const { Show, views } = showSettings();
    tab.render(<Show />);
    const { setVisibility } = await views.until("the settings", ({ loading }) => !loading);
    await setVisibility("FRIENDS");
    await tab.client.clearStore();
    await views.until("nothing", ({ loading }) => loading);
    const { self } = await views.until("the settings again", ({ loading, stale }) => !loading && !stale);
    expect(self).toMatchObject({ visibility: "FRIENDS", blockedUserIDs: [] });
  });
});

test("a chat and an Apollo client on one socket both see what becomes of others", async () => {
  const carol = await openAs(server, "one-carol");
  const bob = await openAs(server, "one-bob");
  await Promise.all([bob.online(), carol.online()]);
  const tab = openTab({ url: server.url, token: "unused" }, userStatusLink(bob.chat));
  const { Show, views } = showUser();
  tab.render(<Show userID="one-carol" />);
  await views.until("carol", ({ loading, stale }) => !loading && !stale);
  const both = (what: "availability" | "statusType", value: string): Promise<unknown> =>
    Promise.all([bob.until("one-carol", { [what]: value }), views.until(`carol ${value}`, ({ status }) => status[what] === value)]);

  await carol.chat.reportIdle({ idle: true });
  await both("availability", "AWAY");
  await carol.chat.setSelfAvailability({ availability: "BUSY" });
  await both("availability", "BUSY");
  await carol.chat.setSelfVisibility({ visibility: "NOBODY" });
  await both("statusType", "OFFLINE");
  await carol.chat.setSelfVisibility({ visibility: "EVERYONE" });
  await both("statusType", "ONLINE");
  await carol.chat.blockUsers({ userIDList: ["one-bob"] });
  await both("statusType", "OFFLINE");
});
