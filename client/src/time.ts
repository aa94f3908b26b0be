import { messageOf, UserStatusError } from "./error.ts";

/** A moment, as a `Date` or in RFC 3339; null for none. */
export type Moment = Date | string | null;

/** The moment as the server reads it. */
export function asTime(moment: Moment | undefined): string | null {
  if (!(moment instanceof Date)) return moment ?? null;
  try {
    return moment.toISOString();
  } catch (error) {
    throw new UserStatusError("BAD_USER_INPUT", `expiresAt: ${messageOf(error)}`, undefined, error);
  }
}
