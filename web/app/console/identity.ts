import { pastedIdentity, type Identity } from "../demo/identity.ts";
import type { DemoUser } from "../playground/demo.ts";

/** Apart from the demo's and the playground's: an admin's token is not for them. */
const TOKEN_KEY = "userstatus.console.token";

/** The one whom the address names in development mode, elsewhere the one whose token this tab keeps. */
export function identityAtStart(demoUsers: readonly DemoUser[]): Identity | undefined {
  if (demoUsers.length === 0) return pastedIdentity(sessionStorage.getItem(TOKEN_KEY) ?? "");
  const address = new URLSearchParams(location.search);
  const userID = address.get("user");
  return userID ? { kind: "demo", userID, admin: address.get("role") === "admin" || isAdmin(userID, demoUsers) } : undefined;
}

function isAdmin(userID: string, demoUsers: readonly DemoUser[]): boolean {
  return demoUsers.some((user) => user.userID === userID && user.admin);
}

/** Keeps a pasted token for reloads of this tab. */
export function keepToken(token: string): void {
  sessionStorage.setItem(TOKEN_KEY, token);
}

/** After this a reload finds nobody signed in, at the same place of the page. */
export function forget(): void {
  sessionStorage.removeItem(TOKEN_KEY);
  history.replaceState(null, "", location.pathname + location.hash);
}
