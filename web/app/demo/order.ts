import type { UserStatus } from "userstatus";

const names = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** ONLINE first, each part by name; those of whom there is only a failure come last. */
export function inOrder(statuses: readonly UserStatus[], failed: ReadonlySet<string>): UserStatus[] {
  const rank = (status: UserStatus): number => (failed.has(status.userID) ? 2 : status.statusType === "ONLINE" ? 0 : 1);
  return [...statuses].sort((a, b) => rank(a) - rank(b) || names.compare(a.userID, b.userID) || (a.userID < b.userID ? -1 : 1));
}
