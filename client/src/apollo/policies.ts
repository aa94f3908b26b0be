import type { TypePolicies } from "@apollo/client";

/**
 * For `new InMemoryCache({ typePolicies })`: a `UserStatus` is known by its
 * `userID`, and the higher `version` wins whole. An answer that comes late never
 * overwrites what is newer: whoever asked for it reads the newer instead. `Self`
 * is one object, whichever query or mutation brings it.
 */
export const typePolicies: TypePolicies = {
  UserStatus: {
    keyFields({ userID }, { storeObject, selectionSet, readField }) {
      if (userID === undefined) return false; // not asked for: nobody's in particular
      const id = `UserStatus:${JSON.stringify({ userID })}`;
      // Identified while an answer is written, not for somebody's `cache.identify`: here its
      // fields are together for the last time. Merge functions see one field each.
      if (selectionSet) keepNewer(storeObject, (field) => readField(field, { __ref: id }));
      return id;
    },
  },
  Self: { keyFields: [], fields: { blockedUserIDs: { merge: false } } },
  // what has no key of its own: an answer adds to what others brought, and a list is the newest list
  Query: { fields: { subscribedUserStatus: { merge: false } } },
  Subscription: { fields: { userStatusUpdated: { merge: false } } },
  UserStatusResult: { merge: true, fields: { successUserList: { merge: false }, failureUserList: { merge: false } } },
};

/** Puts the fields of what is in the cache in place of those to be written, if it is newer. */
function keepNewer(incoming: Record<string, unknown>, known: (field: string) => unknown): void {
  const version = known("version");
  if (typeof version !== "number" || typeof incoming["version"] !== "number" || version <= incoming["version"]) return;
  for (const field of Object.keys(incoming)) {
    const newer = known(field);
    if (newer !== undefined) incoming[field] = newer;
  }
}
