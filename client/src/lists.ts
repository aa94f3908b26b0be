import { asUserStatusError, UserStatusError } from "./error.ts";
import type { UserStatus, UserStatusFailure } from "./types.ts";

export interface StatusLists {
  readonly successUserList: readonly UserStatus[];
  readonly failureUserList: readonly UserStatusFailure[];
}

/** How many users the server takes in a call. */
export const MAX_CHANGE = 100;
export const MAX_QUERY = 500;

/** The list in parts of at most `size`, each entry once; none of an empty list. */
export function parts<T>(list: readonly T[], size: number): T[][] {
  const once = [...new Set(list)];
  return Array.from({ length: Math.ceil(once.length / size) }, (_, n) => once.slice(n * size, (n + 1) * size));
}

/**
 * Asks for a list of any length in parts, all at once, and resolves with their
 * answers in order; an empty list is asked for too. If one fails all do, and the error says what became of the others.
 */
export async function inParts<T, R>(list: readonly T[], size: number, ask: (part: T[]) => Promise<R>): Promise<R[]> {
  const all = list.length > 0 ? parts(list, size) : [[]];
  const settled = await Promise.allSettled(all.map(ask));
  const answers = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  if (answers.length === all.length) return answers;
  const failed = settled.findIndex(({ status }) => status === "rejected");
  const error = asUserStatusError((settled[failed] as PromiseRejectedResult).reason);
  if (all.length === 1) throw error;
  const where = `part ${failed + 1} of ${all.length} (users ${failed * size + 1} to ${failed * size + (all[failed]?.length ?? 0)})`;
  const rest = `${answers.length} of the parts were done`;
  throw new UserStatusError(error.reason, `${error.message}; this was ${where}, ${rest}`, error.code, error);
}

/** Plain JavaScript may pass anything; the server judges the IDs, but needs a list. */
export function checkedList(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value as string[];
  throw new UserStatusError("BAD_USER_INPUT", "userIDList has to be a list of user IDs");
}
