import assert from "node:assert/strict";
import type { Browser, Locator, Page } from "playwright-core";
import { visit, type Visit } from "./browser.ts";
import type { Server } from "./server.ts";

/** Opens the demo as a user, idle after so many seconds if given, and resolves once they are ONLINE. */
export async function signInAs(browser: Browser, server: Server, userID: string, idleAfter?: number): Promise<Visit> {
  const visited = await visit(browser, `${server.url}/demo?user=${userID}${idleAfter ? `&idleAfter=${idleAfter}` : ""}`);
  await isConnected(visited.page);
  return visited;
}

export async function isConnected(page: Page): Promise<void> {
  await page.getByRole("banner").getByText("Connected", { exact: true }).waitFor();
}

/** Somebody's row in the list. */
export function row(page: Page, userID: string): Locator {
  return page.getByRole("listitem").and(page.locator(`[data-user="${userID}"]`));
}

/** Resolves once somebody's row has all of these texts. */
export async function rowHas(page: Page, userID: string, ...texts: (string | RegExp)[]): Promise<void> {
  const found = texts.reduce((rows: Locator, text) => rows.filter({ hasText: text }), row(page, userID));
  await found.waitFor();
}

/** Resolves once somebody's row has exactly this presence: "Online" is not "Online, away". */
export async function rowIs(page: Page, userID: string, presence: string): Promise<void> {
  await row(page, userID).getByText(presence, { exact: true }).waitFor();
}

/** Resolves once one's own card says so. */
export async function cardHas(page: Page, text: string): Promise<void> {
  await page.locator(".me").getByText(text, { exact: true }).waitFor();
}

/** The button of a setting on one's own card, whose name ends in the present choice. */
export function setting(page: Page, label: "Availability" | "Visible to", choice = ""): Locator {
  return page.getByRole("button", { name: `${label}: ${choice}` });
}

/** Chooses, and resolves once it is so. */
export async function choose(page: Page, label: "Availability" | "Visible to", choice: string): Promise<void> {
  await setting(page, label).click();
  await page.getByRole("menuitemradio", { name: choice, exact: true }).click();
  await setting(page, label, choice).waitFor();
}

/** Chooses something in the menu of somebody's row. */
export async function doWith(page: Page, deed: "Block" | "Unblock" | "Unfollow", userID: string): Promise<void> {
  await page.getByRole("button", { name: `Options for ${userID}` }).click();
  await page.getByRole("menuitem", { name: `${deed} ${userID}`, exact: true }).click();
}

/** Opens the dialog, writes, and saves. */
export async function setStatus(page: Page, text: string): Promise<void> {
  await page.getByRole("button", { name: /Set a status|Change your status/ }).click();
  await page.getByRole("textbox", { name: "What is your status?" }).fill(text);
  await page.getByRole("button", { name: "Save" }).click();
  await dialogIsGone(page);
}

/** Resolves once another could be opened: a dialog that is closed has no role any more, but is there for a moment. */
export async function dialogIsGone(page: Page): Promise<void> {
  await page.locator("dialog").waitFor({ state: "detached" });
}

/** From now on writes down each text that somebody's row has; the returned function tells them. */
export async function recordRow(page: Page, userID: string): Promise<() => Promise<string[]>> {
  const texts = await page.evaluateHandle((userID) => {
    const row = `[data-user="${userID}"]`;
    const seen = [document.querySelector(row)?.textContent ?? "no row"];
    new MutationObserver(() => {
      const text = document.querySelector(row)?.textContent ?? "no row";
      if (seen.at(-1) !== text) seen.push(text);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
    return seen;
  }, userID);
  return () => texts.jsonValue();
}

/** What is expected in the console while the server is away, and nothing else. */
export function unexpected(problems: readonly string[]): string[] {
  return problems.filter((problem) => !/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/.test(problem));
}

const CONTROLS = new Set(["button", "link", "textbox", "combobox", "checkbox", "radio", "dialog", "form", "list", "group", "heading", "image", "menu", "menuitem", "menuitemradio"]);

/** Fails if there is a control, dialog, list, heading or picture without a name in the accessibility tree. */
export async function everythingIsNamed(page: Page): Promise<void> {
  await page.getByRole("heading").first().waitFor();
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  await session.detach();
  const shown = nodes.filter(({ ignored, role }) => !ignored && CONTROLS.has(String(role?.value)));
  const nameless = shown.filter(({ name }) => !String(name?.value ?? "").trim());
  assert.deepEqual(nameless.map(({ role, properties }) => ({ role: role?.value, properties })), []);
  assert.ok(shown.length > 0);
}

/** Fails if the page is wider than its window, at each of these widths. */
export async function fits(page: Page, widths: readonly number[]): Promise<void> {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 740 });
    const wide = await page.evaluate(() => {
      const beyond = [...document.querySelectorAll("body *")].filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5);
      return { page: document.documentElement.scrollWidth > innerWidth, beyond: beyond.map((element) => element.outerHTML.slice(0, 120)) };
    });
    assert.deepEqual(wide, { page: false, beyond: [] }, `at ${width} px`);
  }
}

/** What has the focus: its label or its text; empty where nothing has it. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { activeElement, body } = document;
    return activeElement && activeElement !== body ? (activeElement.getAttribute("aria-label") ?? activeElement.textContent) : "";
  });
}

/** Presses Tab until what has the focus is called so. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  const passed: string[] = [];
  for (let n = 0; n < 40; n++) {
    await page.keyboard.press("Tab");
    const reached = await focused(page);
    if (name.test(reached)) return;
    passed.push(reached);
  }
  assert.fail(`Tab never reaches ${name}, only ${passed.join(" | ")}`);
}
