import { Window } from "happy-dom";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { detectIdle, type ChatOptions } from "../src/index.ts";
import { openAs, type Heard } from "./chat.ts";
import { atEnd } from "./cleanup.ts";
import { createFeed, type Feed } from "./feed.ts";
import { startServer, type Server } from "./server.ts";
import { createWire, openWay, type Wire } from "./wire.ts";

let server: Server;
beforeAll(async () => {
  server = await startServer("--offline-grace=5s");
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const AN_HOUR = 3_600_000;
/** For others to hear of what was between two times of idleness: they are told at most once a second. */
const LONG_ENOUGH = 3_000;

/** A page that a person may touch, hide and show. */
interface Page {
  readonly document: Document;
  touch(type?: string): void;
  focus(): void;
  show(state: "visible" | "hidden"): void;
}

function openPage(): Page {
  const window = new Window();
  atEnd(() => window.happyDOM.close());
  const { document } = window;
  return {
    document: document as unknown as Document,
    touch: (type = "pointermove") => void document.body.dispatchEvent(new window.Event(type, { bubbles: true })),
    focus: () => void window.dispatchEvent(new window.Event("focus")),
    show(state) {
      Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
      document.dispatchEvent(new window.Event("visibilitychange"));
    },
  };
}

/** A chat, and what it reports. */
interface Reporter extends Heard {
  readonly wire: Wire;
  readonly reports: Feed<boolean>;
  /** Resolves once the server has answered what was sent before. */
  settled(): Promise<void>;
}

async function reporter(user: string, options: Partial<ChatOptions> = {}): Promise<Reporter> {
  const wire = createWire();
  const reports = createFeed<boolean>();
  const webSocketImpl = class extends wire.webSocketImpl {
    override send(data: string): void {
      super.send(data);
      const { payload } = JSON.parse(data) as { payload?: { query?: string; variables?: { idle: boolean } } };
      if (payload?.query?.includes("reportIdle")) reports.push(payload.variables?.idle as boolean);
    }
  };
  const heard = await openAs(server, user, { webSocketImpl, ...options });
  await heard.online();
  return { ...heard, wire, reports, settled: async () => void (await heard.chat.getSelf()) };
}

/** Somebody who sees what becomes of the user. */
async function watcher(user: string): Promise<Heard> {
  const bob = await openAs(server, `${user}-watcher`);
  await bob.online();
  await bob.chat.subscribeUserStatus({ userIDList: [user] });
  return bob;
}

/** Puts the clock forward, as a laptop's sleep does, without the timers. */
function sleep(milliseconds: number): void {
  const then = Date.now() + milliseconds;
  vi.useFakeTimers({ toFake: ["Date"], now: then });
}

async function reconnect(alice: Heard, way: { cut(): void; mend(): void }, meanwhile = (): void => {}): Promise<void> {
  way.cut();
  await alice.states.until("the loss", ({ state }) => state === "offline");
  meanwhile();
  way.mend();
  await alice.online();
}

describe("a page that nobody touches", () => {
  test("is idle after the time, and active at the next input, each reported once", async () => {
    const [page, alice] = [openPage(), await reporter("once-alice")];
    const bob = await watcher("once-alice");
    atEnd(detectIdle(alice.chat.connection, { after: LONG_ENOUGH, document: page.document }));
    await bob.until("once-alice", { availability: "AWAY" });
    await alice.settled();
    expect(alice.reports.all).toEqual([true]);
    page.touch();
    await alice.reports.until("activity", (idle) => !idle);
    await bob.until("once-alice", { availability: "AVAILABLE" });
    expect(alice.reports.all).toEqual([true, false]);
  });

  test.for(["pointermove", "pointerdown", "keydown", "wheel", "touchstart"])("is active at a %s", async (type) => {
    const [page, alice] = [openPage(), await reporter(`input-${type}`)];
    atEnd(detectIdle(alice.chat.connection, { after: 50, document: page.document }));
    await alice.reports.until("idleness", (idle) => idle);
    page.touch(type);
    await alice.reports.until("activity", (idle) => !idle);
  });

  test("stays idle while it scrolls by itself, and when it is hidden; shown or focused, it is active", async () => {
    const [page, alice] = [openPage(), await reporter("shown-alice")];
    atEnd(detectIdle(alice.chat.connection, { after: 50, document: page.document }));
    await alice.reports.until("idleness", (idle) => idle);
    page.touch("scroll");
    page.show("hidden");
    await alice.settled();
    expect(alice.reports.all).toEqual([true]);
    page.show("visible");
    await alice.reports.until("activity", (idle) => !idle);
    await alice.reports.until("idleness", (idle) => idle);
    page.focus();
    await alice.reports.until("activity", (idle) => !idle);
  });

  test("is idle in the background, too", async () => {
    const [page, alice] = [openPage(), await reporter("hidden-alice")];
    page.show("hidden");
    atEnd(detectIdle(alice.chat.connection, { after: 50, document: page.document }));
    await alice.reports.until("idleness", (idle) => idle);
  });

  test("while it is touched is not idle", async () => {
    const [page, alice] = [openPage(), await reporter("busy-alice")];
    atEnd(detectIdle(alice.chat.connection, { after: 10_000, document: page.document }));
    for (const minutes of [1, 2, 3]) {
      sleep(5_000 * minutes);
      page.touch();
      await alice.settled();
    }
    expect(alice.reports.all).toEqual([]);
  });

  test("that is one of two tabs leaves the user as they are until both are idle", async () => {
    const pages = [openPage(), openPage()] as const;
    const tabs = [await reporter("tabs-alice"), await reporter("tabs-alice")] as const;
    const bob = await watcher("tabs-alice");
    atEnd(detectIdle(tabs[0].chat.connection, { after: 50, document: pages[0].document }));
    await tabs[0].reports.until("idleness of the first", (idle) => idle);
    await tabs[0].settled();
    expect((await bob.chat.getUserStatus({ userIDList: ["tabs-alice"] })).data.successUserList[0]?.availability).toBe("AVAILABLE");
    atEnd(detectIdle(tabs[1].chat.connection, { after: LONG_ENOUGH, document: pages[1].document }));
    await bob.until("tabs-alice", { availability: "AWAY" });
    pages[1].touch();
    await bob.until("tabs-alice", { availability: "AVAILABLE" });
  });
});

describe("after a reconnect", () => {
  test("a page that is still idle reports once more, and one that is active reports nothing", async () => {
    const way = await openWay(server.url);
    const [idle, active] = [await reporter("again-idle", { url: way.url }), await reporter("again-active", { url: way.url })];
    const bob = await watcher("again-idle");
    atEnd(detectIdle(idle.chat.connection, { after: 50, document: openPage().document }));
    atEnd(detectIdle(active.chat.connection, { after: AN_HOUR, document: openPage().document }));
    await bob.until("again-idle", { availability: "AWAY" });
    await reconnect(idle, way);
    await active.online();
    await Promise.all([idle.settled(), active.settled()]);
    expect([idle.reports.all, active.reports.all]).toEqual([[true, true], []]);
  });

  test("that a laptop's sleep brought about, idleness is seen by the clock", async () => {
    const way = await openWay(server.url);
    const alice = await reporter("sleep-alice", { url: way.url });
    atEnd(detectIdle(alice.chat.connection, { after: AN_HOUR, document: openPage().document }));
    await reconnect(alice, way, () => sleep(AN_HOUR - 60_000));
    await alice.settled();
    expect(alice.reports.all).toEqual([]);
    await reconnect(alice, way, () => sleep(2 * 60_000));
    await alice.settled();
    expect(alice.reports.all).toEqual([true]);
  });

  test("a page that was touched meanwhile reports nothing", async () => {
    const way = await openWay(server.url);
    const [page, alice] = [openPage(), await reporter("touched-alice", { url: way.url })];
    atEnd(detectIdle(alice.chat.connection, { after: AN_HOUR, document: page.document }));
    await reconnect(alice, way, () => sleep(2 * AN_HOUR));
    await alice.settled();
    await reconnect(alice, way, page.touch);
    await alice.settled();
    expect(alice.reports.all).toEqual([true]);
  });
});

test("a report without an answer is made again", async () => {
  const own = await startServer();
  const page = openPage();
  const alice = await reporter("frozen-alice", { url: own.url, token: await own.token("frozen-alice"), timeout: 300, pingInterval: 60_000 });
  own.freeze();
  atEnd(detectIdle(alice.chat.connection, { after: 50, document: page.document }));
  await alice.reports.until("idleness", (idle) => idle);
  await expect(alice.chat.getSelf()).rejects.toMatchObject({ code: 6012 }); // as the report before it
  own.thaw();
  page.touch(); // the server may have taken that report all the same
  await alice.reports.until("activity", (idle) => !idle);
  await alice.until("frozen-alice", { availability: "AWAY" });
});

describe("once it is stopped", () => {
  test("an idle page is active, and reports nothing any more", async () => {
    const [page, alice] = [openPage(), await reporter("stop-alice")];
    const bob = await watcher("stop-alice");
    const stop = detectIdle(alice.chat.connection, { after: 50, document: page.document });
    await bob.until("stop-alice", { availability: "AWAY" });
    stop();
    stop();
    page.touch();
    await bob.until("stop-alice", { availability: "AVAILABLE" });
    await alice.settled();
    expect(alice.reports.all).toEqual([true, false]);
  });

  test("with its connection, it hears the page no more", async () => {
    const [page, alice] = [openPage(), await reporter("ended-alice")];
    const removed = vi.spyOn(page.document, "removeEventListener");
    detectIdle(alice.chat.connection, { after: AN_HOUR, document: page.document });
    alice.chat.close();
    expect(removed.mock.calls.map(([type]) => type)).toEqual(expect.arrayContaining(["pointermove", "keydown", "visibilitychange"]));
    detectIdle(alice.chat.connection, { after: 1, document: page.document })();
  });
});

describe("a chat", () => {
  test("detects idleness by itself in a page, after five minutes unless told otherwise, and not at all if told so", async () => {
    vi.stubGlobal("document", openPage().document);
    const way = await openWay(server.url);
    const soon = await reporter("soon-alice", { idleAfter: 50 });
    const later = await reporter("later-alice", { url: way.url });
    const never = await reporter("never-alice", { url: way.url, idleAfter: false });
    await soon.reports.until("idleness", (idle) => idle);
    sleep(290_000);
    await reconnect(later, way);
    await later.settled();
    expect(later.reports.all).toEqual([]);
    sleep(20_000);
    await reconnect(later, way);
    await later.reports.until("idleness", (idle) => idle);
    await never.online();
    await never.settled();
    expect(never.reports.all).toEqual([]);
  });

  test("reports nothing by itself outside of browsers", async () => {
    const way = await openWay(server.url);
    const alice = await reporter("node-alice", { url: way.url, idleAfter: 1 });
    detectIdle(alice.chat.connection, { after: 1 })();
    await reconnect(alice, way, () => sleep(AN_HOUR));
    await alice.settled();
    expect(alice.reports.all).toEqual([]);
  });

  test("takes no time that is none", async () => {
    const alice = await reporter("none-alice");
    for (const after of [0, -1, Number.NaN]) {
      expect(() => detectIdle(alice.chat.connection, { after })).toThrow(expect.objectContaining({ code: 6017 }));
    }
    const bob = await openAs(server, "none-bob", { idleAfter: -1 });
    await expect(bob.chat.getSelf()).rejects.toMatchObject({ code: 6017, message: expect.stringMatching(/idle after -1/) });
  });
});
