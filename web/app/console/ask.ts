import type { Access } from "./access.ts";
import type { Store } from "./store.ts";

export const ENDPOINT = "/graphql";

/** How long an answer may take, in milliseconds, before the server counts as away. */
const PATIENCE = 10_000;

/** What a call says that did not reach the server. */
export const AWAY = "The server can't be reached";

/** A proxy's words for a server that isn't there. */
const GATEWAY = new Set([502, 503, 504]);

/** A fetch that signs in, tries once more with a better token where one comes, and notes whether the server is there. */
export function askingFetch(access: Access, reachable: Store<boolean>): typeof fetch {
  const attempt = async (input: RequestInfo | URL, init: RequestInit | undefined, token: string): Promise<Response> => {
    const headers = { ...(init?.headers as Record<string, string>), Authorization: `Bearer ${token}` };
    const response = await fetch(input, { ...init, headers, signal: AbortSignal.timeout(PATIENCE) });
    if (GATEWAY.has(response.status)) throw new Error(`${AWAY}: ${response.status} ${response.statusText}`);
    return response;
  };
  const noting = async <T>(work: Promise<T>): Promise<T> => {
    try {
      const done = await work;
      reachable.set(true);
      return done;
    } catch (error) {
      reachable.set(false);
      throw new Error(AWAY, { cause: error });
    }
  };
  return async (input, init) => {
    let token = await noting(access.token());
    for (;;) {
      const response = await noting(attempt(input, init, token));
      if (response.status !== 401) return response;
      const better = await access.replace(token);
      if (better === undefined) return response;
      token = better;
    }
  };
}

/** What the server makes of a token. */
export type Verdict = { readonly admin: true } | { readonly admin: false; readonly why: string };

interface Answer {
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** Asks the server whether a token is an admin's; where it isn't, why is a sentence for people. */
export async function judge(token: string, userID: string): Promise<Verdict> {
  const response = await fetch(ENDPOINT, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: "query IsAdmin { settings { userStatusEnabled } }" }),
    signal: AbortSignal.timeout(PATIENCE),
  }).catch(() => undefined);
  if (!response || GATEWAY.has(response.status)) return { admin: false, why: `${AWAY}. Try again.` };
  const [error] = ((await response.json().catch(() => ({}))) as Answer).errors ?? [];
  if (response.ok && !error) return { admin: true };
  if (error?.extensions?.code === "FORBIDDEN") {
    return { admin: false, why: `This is the token of ${userID}, who is not an admin. The console needs one with role: "admin".` };
  }
  if (response.status === 401) return { admin: false, why: `The server refuses this token: ${error?.message ?? "it is not valid"}.` };
  return { admin: false, why: `The server answered: ${error?.message ?? `${response.status} ${response.statusText}`}.` };
}
