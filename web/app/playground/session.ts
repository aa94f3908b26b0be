/** Session is who is at the page, and how they prove it. */
export interface Session {
  /** A token that is good now, or undefined where nobody has signed in. */
  token(): Promise<string | undefined>;
  /** Drops a token that was refused. True if asking again may bring a better one. */
  renew(): boolean;
}

/** A token that somebody pasted: once refused, only they can bring another. */
export function pastedSession(token: string | undefined): Session {
  return { token: async () => token, renew: () => false };
}

interface Minted {
  token: string;
  expiresAt: string;
}

/** How long before its expiry a token is replaced, in milliseconds: longer than any request takes. */
const RENEW_EARLY = 30_000;

/** A session whose tokens come from url, each used until shortly before it expires. */
export function mintedSession(url: string): Session {
  let current: Promise<Minted> | undefined;
  const mint = (): Promise<Minted> => {
    current = fetchToken(url);
    current.catch(() => (current = undefined));
    return current;
  };
  return {
    async token() {
      const held = await (current ?? mint());
      return isFresh(held, Date.now()) ? held.token : (await mint()).token;
    },
    renew() {
      current = undefined;
      return true;
    },
  };
}

function isFresh(minted: Minted, now: number): boolean {
  return Date.parse(minted.expiresAt) - now > RENEW_EARLY;
}

async function fetchToken(url: string): Promise<Minted> {
  const response = await fetch(url, { cache: "no-store" });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${(await response.text()).trim()}`);
  return (await response.json()) as Minted;
}

/** Claims is what the page shows of a token. */
export interface Claims {
  sub: string;
  role?: string;
  exp?: number;
}

/** Reads a JWT's claims without verifying them, or returns undefined where it is none. */
export function readClaims(token: string): Claims | undefined {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isClaims(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

function isClaims(value: unknown): value is Claims {
  return typeof value === "object" && value !== null && "sub" in value && typeof value.sub === "string";
}
