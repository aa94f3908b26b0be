import type { DemoUser } from "../playground/demo.ts";
import { userQuery } from "../playground/demo.ts";
import { readClaims } from "../playground/session.ts";
import { signInAddress } from "./address.ts";

/** Identity is who somebody at this page is, and what proves it to the server. */
export type Identity =
  | { readonly kind: "demo"; readonly userID: string; readonly admin: boolean }
  | { readonly kind: "pasted"; readonly userID: string; readonly token: string };

/** Shared with the playground: who signed in there is signed in here, in the same tab. */
const TOKEN_KEY = "userstatus.token";

/** Whom one can be in development mode; nobody outside of it. */
export async function fetchDemoUsers(): Promise<DemoUser[]> {
  const response = await fetch("/playground/users.json");
  if (!response.ok) throw new Error(`/playground/users.json answered ${response.status}`);
  return (await response.json()) as DemoUser[];
}

/** The one whom the address names in development mode, elsewhere the one whose token this tab keeps. */
export function identityAtStart(demoUsers: readonly DemoUser[]): Identity | undefined {
  if (demoUsers.length === 0) return pastedIdentity(sessionStorage.getItem(TOKEN_KEY) ?? "");
  const address = new URLSearchParams(location.search);
  const userID = address.get("user");
  return userID ? { kind: "demo", userID, admin: address.get("role") === "admin" } : undefined;
}

/** Undefined where the text is no token. It is verified by the server, not here. */
export function pastedIdentity(text: string): Identity | undefined {
  const token = text.trim().replace(/^Bearer\s+/i, "");
  const claims = readClaims(token);
  return claims && { kind: "pasted", userID: claims.sub, token };
}

/** Keeps a pasted token for reloads of this tab; a demo user is in the address already. */
export function keep(identity: Identity): void {
  if (identity.kind === "pasted") sessionStorage.setItem(TOKEN_KEY, identity.token);
}

/** After this a reload finds nobody signed in. */
export function forget(): void {
  sessionStorage.removeItem(TOKEN_KEY);
  history.replaceState(null, "", location.pathname + signInAddress(location.search));
}

/** What the client asks for at each connect: a demo user's is minted anew, a pasted one is all there is. */
export function tokenOf(identity: Identity): string | (() => Promise<string>) {
  return identity.kind === "pasted" ? identity.token : () => mintToken(identity);
}

async function mintToken(user: DemoUser): Promise<string> {
  const response = await fetch(`/dev/token?${userQuery(user)}`, { cache: "no-store" });
  if (!response.ok) throw new Error((await response.text()).trim() || `/dev/token answered ${response.status}`);
  return ((await response.json()) as { token: string }).token;
}
