import { CombinedGraphQLErrors } from "@apollo/client/errors";
import type { UserStatusFailure } from "userstatus";
import { messageOf } from "../demo/failure.ts";

/** Problem is why something could not be had. */
export interface Problem {
  /** The server's number, where it has one. */
  readonly code: number | undefined;
  readonly words: string;
}

/** The server's number for a user that isn't there. */
export const NO_SUCH_USER = 70107;

export function problemOf(error: unknown): Problem {
  const code = CombinedGraphQLErrors.is(error) ? error.errors[0]?.extensions?.["errorCode"] : undefined;
  return { code: typeof code === "number" ? code : undefined, words: messageOf(error) };
}

/** A sentence on what was done for most of a list; an error where it was done for nobody. */
export function outcome(userIDs: readonly string[], failures: readonly UserStatusFailure[], done: (names: string) => string): string {
  const failed = new Set(failures.map(({ userID }) => userID));
  const good = userIDs.filter((userID) => !failed.has(userID));
  const bad = failures.map(({ userID, message }) => `${userID}: ${message}`).join("; ");
  if (good.length === 0) throw new Error(`${bad}.`);
  return failures.length === 0 ? done(names(good)) : `${done(names(good))} Not so ${bad}.`;
}

const list = new Intl.ListFormat("en", { type: "conjunction" });

/** More names than that are only counted. */
const MOST_NAMED = 5;

function names(userIDs: readonly string[]): string {
  return userIDs.length > MOST_NAMED ? `${userIDs.length} users` : list.format(userIDs);
}
