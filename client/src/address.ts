import { messageOf, UserStatusError } from "./error.ts";

const SOCKET_SCHEMES: Readonly<Record<string, string>> = { "http:": "ws:", "https:": "wss:", "ws:": "ws:", "wss:": "wss:" };

/**
 * Where the server's socket is, given the server's address: http or ws, with or
 * without `/graphql`. A relative one is of the page's origin.
 */
export function socketAddress(url: string, base = pageAddress()): string {
  const address = parse(url, base);
  const scheme = SOCKET_SCHEMES[address.protocol];
  if (!scheme) throw new UserStatusError("BAD_USER_INPUT", `url: ${url} is not an http(s) or ws(s) address`);
  const path = address.pathname.replace(/\/+$/, "");
  const graphql = path.endsWith("/graphql") ? path : `${path}/graphql`;
  return `${scheme}//${address.host}${graphql}${address.search}`;
}

function parse(url: string, base: string | undefined): URL {
  try {
    return new URL(url, base);
  } catch (error) {
    throw new UserStatusError("BAD_USER_INPUT", `url: ${JSON.stringify(url)} is not an address (${messageOf(error)})`);
  }
}

function pageAddress(): string | undefined {
  return typeof location === "undefined" ? undefined : location.href;
}
