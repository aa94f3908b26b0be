import type { Browser, Locator, Page } from "playwright-core";
import { createClient, type Client } from "graphql-ws";
import { WebSocket } from "ws";
import { visit, type Visit } from "./browser.ts";
import type { Server } from "./server.ts";

/** Opens the console in development mode, at a place of it ("#/users/alice"). */
export async function openConsole(browser: Browser, server: Server, place = ""): Promise<Visit> {
  const visited = await visit(browser, `${server.url}/console?user=admin${place}`);
  await isOpen(visited.page);
  return visited;
}

export async function isOpen(page: Page): Promise<void> {
  await page.getByRole("navigation", { name: "Sections" }).waitFor();
}

/** A figure's card, whose number is there. */
export function figure(page: Page, name: string): Locator {
  return page.getByRole("region", { name, exact: true });
}

/** Resolves once a figure is this number. */
export async function figureIs(page: Page, name: string, value: string): Promise<void> {
  await figure(page, name).locator(".now").getByText(value, { exact: true }).waitFor();
}

/** Resolves once it was said. */
export async function says(page: Page, text: string | RegExp): Promise<void> {
  await page.getByRole("log").filter({ hasText: text }).waitFor();
}

/** A user's details, once they are there and have all of these texts. */
export async function detailsHave(page: Page, userID: string, ...texts: (string | RegExp)[]): Promise<void> {
  const facts = page.locator(`.details[data-user="${userID}"] .facts-card`);
  await texts.reduce((found: Locator, text) => found.filter({ hasText: text }), facts).waitFor();
}

/** One of the lists in a user's details. */
export function related(page: Page, name: string): Locator {
  return page.locator(".related").filter({ has: page.getByRole("heading", { name: new RegExp(`^${name} \\d`) }) });
}

/** A device of somebody's, on graphql-ws and nothing else. */
export interface Device {
  /** What its stream told, each update as it came. */
  readonly heard: Heard[];
  /** Resolves once an update fits, also one that was there before. */
  hears(fits: (update: Heard) => boolean): Promise<void>;
  /** Resolves with the code its socket was closed with. */
  readonly closed: Promise<number>;
  end(): Promise<void>;
}

export interface Heard {
  readonly userID: string;
  readonly statusType: string;
  readonly customStatus: string;
}

/** Connects as a demo user and listens; resolves once the snapshot is there. */
export async function connect(server: Server, userID: string): Promise<Device> {
  const { token } = (await (await fetch(`${server.url}/dev/token?user=${userID}`)).json()) as { token: string };
  let close: (code: number) => void;
  const closed = new Promise<number>((resolve) => (close = resolve));
  const client: Client = createClient({
    url: `${server.url.replace("http", "ws")}/graphql`,
    connectionParams: { authorization: `Bearer ${token}`, platform: "web" },
    webSocketImpl: WebSocket,
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => {},
    on: { closed: (event) => close((event as CloseEvent).code) },
  });
  const heard: Heard[] = [];
  const waiting = new Set<() => void>();
  const device: Device = {
    heard,
    hears: (fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!heard.some(fits)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    closed,
    end: async () => client.dispose(),
  };
  client.subscribe<{ userStatusUpdated: Heard[] }>(
    { query: "subscription { userStatusUpdated(snapshot: true) { userID statusType customStatus } }" },
    {
      next: ({ data }) => {
        heard.push(...(data?.userStatusUpdated ?? []));
        for (const look of waiting) look();
      },
      error: () => {},
      complete: () => {},
    },
  );
  await device.hears((update) => update.userID === userID);
  return device;
}
