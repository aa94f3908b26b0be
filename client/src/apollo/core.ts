/** What is for Apollo Client without React. */
export { userStatusLink, type UserStatusLink } from "./link.ts";
export { typePolicies } from "./policies.ts";
export { rosterOf, type Roster } from "./roster.ts";
export type { Self } from "./self.ts";
export type { Failure, UserStatusView } from "./book.ts";
