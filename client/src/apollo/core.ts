/** What is for Apollo Client without React. */
export { userStatusLink, type UserStatusLink } from "./link.ts";
export { typePolicies } from "./policies.ts";
export { rosterOf, type Roster } from "./roster.ts";
export type { SelfStatus } from "./self.ts";
export type { SelfSettings, SelfSettingsView, Settings } from "./settings.ts";
export type { Failure, UserStatusView } from "./book.ts";
