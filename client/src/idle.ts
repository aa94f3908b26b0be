import type { Connection } from "./connection.ts";
import { UserStatusError } from "./error.ts";
import { createIdleReports } from "./idle-reports.ts";
import { onShown, ownDocument } from "./page.ts";

export interface IdleOptions {
  /** Milliseconds without input after which this page counts as idle. 300,000 unless set. */
  readonly after?: number | undefined;
  /** Whose input counts, that in frames inside it left out. The page's own unless set. */
  readonly document?: Document | undefined;
}

const IDLE_AFTER_MS = 300_000;

/** The longest between two looks at the clock: a timer alone would stand still while a laptop sleeps. */
const LOOK_MS = 30_000;

/** What a person does. Not `scroll`: pages scroll by themselves, as a chat does to its newest message. */
const INPUT = ["pointermove", "pointerdown", "keydown", "wheel", "touchstart"] as const;
const PASSIVE = { capture: true, passive: true } as const;

/**
 * Reports this page as idle when nobody has touched it for a while, in sight or not, and as active at the next input,
 * or when it is brought to the front. Each page reports for its own connection: the user is AWAY with all of them idle.
 * A change is reported once, and idleness again over each new connection; a report that fails is made again.
 *
 * Ends with the connection, or when the returned function is called; a page that was idle is active then. Outside of
 * browsers, where there is no document, it does nothing. `create` and `userStatusLink` call it by themselves, unless
 * told `idleAfter: false`.
 */
export function detectIdle(connection: Connection, options: IdleOptions = {}): () => void {
  const { after = IDLE_AFTER_MS, document: page = ownDocument() } = options;
  if (!(after > 0)) throw new UserStatusError("BAD_USER_INPUT", `idle after ${after} ms: it has to be a number above 0`);
  if (!page || connection.current.state === "ended") return () => {};

  const reports = createIdleReports(connection);
  let activeAt = Date.now();
  let isIdle = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function look(): void {
    clearTimeout(timer);
    activeAt = Math.min(activeAt, Date.now()); // the clock may have been set back
    const left = activeAt + after - Date.now();
    isIdle = left <= 0;
    reports.say(isIdle);
    timer = setTimeout(look, isIdle ? LOOK_MS : Math.min(left, LOOK_MS));
  }
  const active = (): void => {
    activeAt = Date.now();
    if (isIdle) look();
  };
  const stop = (): void => {
    clearTimeout(timer);
    forgetPage();
    forgetState();
    reports.stop();
  };

  const forgetPage = onActivity(page, active);
  const forgetState = connection.onState(({ state }) => {
    if (state === "online") look(); // perhaps after a sleep
    if (state === "ended") stop();
  });
  look();
  return stop;
}

function onActivity(page: Document, active: () => void): () => void {
  const window = page.defaultView;
  const forgetShown = onShown(page, active);
  for (const input of INPUT) page.addEventListener(input, active, PASSIVE);
  window?.addEventListener("focus", active);
  return () => {
    forgetShown();
    for (const input of INPUT) page.removeEventListener(input, active, PASSIVE);
    window?.removeEventListener("focus", active);
  };
}
