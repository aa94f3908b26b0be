import { userQuery, type DemoUser } from "../playground/demo.ts";

/** Seconds without input after which one is idle, for trying it out: `?idleAfter=2`. */
const IDLE_AFTER = "idleAfter";

/** What the address says, in milliseconds; undefined where it says nothing: then it is the package's five minutes. */
export function idleAfter(search: string): number | undefined {
  const seconds = Number(new URLSearchParams(search).get(IDLE_AFTER));
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}

/** The query string that signs in a demo user on a page with that of its own. */
export function userAddress(user: DemoUser, search: string): string {
  return withIdleAfter(new URLSearchParams(userQuery(user)), search);
}

/** The query string without anybody signed in. */
export function signInAddress(search: string): string {
  return withIdleAfter(new URLSearchParams(), search);
}

function withIdleAfter(address: URLSearchParams, search: string): string {
  const said = new URLSearchParams(search).get(IDLE_AFTER);
  if (said !== null) address.set(IDLE_AFTER, said);
  return address.size > 0 ? `?${address}` : "";
}
