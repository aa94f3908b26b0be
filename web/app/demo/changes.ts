import type { UserStatus, UserStatusFailure } from "userstatus";
import type { UserStatusesView } from "userstatus/apollo";
import { failureWords } from "./failure.ts";
import { presenceWords } from "./words.ts";

/** Heard is how the people of a list were at one time. */
export type Heard = Pick<UserStatusesView, "statuses" | "failures">;

/** A sentence for each user who was known before and is different now, or could not be followed. */
export function changesBetween(before: Heard, after: Heard): string[] {
  const known = new Map(before.statuses.map((status) => [status.userID, status]));
  const failed = new Set(before.failures.map(({ userID }) => userID));
  const changes = after.statuses.map((status) => changeOf(known.get(status.userID), status));
  const failures = after.failures.filter(({ userID }) => !failed.has(userID)).map(failureSentence);
  return [...changes.filter((sentence) => sentence !== ""), ...failures];
}

function changeOf(before: UserStatus | undefined, after: UserStatus): string {
  if (!before || before.statusType === "UNKNOWN" || after.statusType === "UNKNOWN") return "";
  const words = presenceWords(after).toLowerCase();
  const is = words === presenceWords(before).toLowerCase() ? "" : ` is ${words}`;
  if (after.customStatus === before.customStatus) return is && `${after.userID}${is}.`;
  if (after.customStatus === "") return `${after.userID}${is || " cleared their status"}.`;
  return `${after.userID}${is}: ${after.customStatus}.`;
}

function failureSentence(failure: UserStatusFailure): string {
  return `${failure.userID}: ${failureWords(failure)}.`;
}
