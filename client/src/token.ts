import { messageOf } from "./error.ts";
import type { Loss } from "./loss.ts";

/** A token, or what gets one: asked anew at every connect and reconnect. */
export type Token = string | (() => string | Promise<string>);

/** A token function that takes longer is called anew. */
const LONGEST_MS = 10_000;

type Fetched = { readonly bearer: string; readonly failed?: never } | { readonly bearer: ""; readonly failed: Loss };

/** Never rejects: a token that can't be had is a connection that did not come about. */
export async function fetchToken(token: Token): Promise<Fetched> {
  try {
    const bearer = await (typeof token === "string" ? token : inTime(token));
    if (typeof bearer === "string" && bearer !== "") return { bearer };
    throw new TypeError("it is not a string, or an empty one");
  } catch (tokenError) {
    return { bearer: "", failed: { text: messageOf(tokenError), wasOnline: false, tokenError } };
  }
}

function inTime(token: () => string | Promise<string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the token function took over ${LONGEST_MS / 1000} s`)), LONGEST_MS);
    Promise.resolve()
      .then(token)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
