/** The names of events. */
export const EVENT = {
  /** Somebody's status changed: one's own, that of a user subscribed to, or a friend's. `data` is a list of `UserStatus`. */
  USER_STATUS_UPDATED: "userStatusUpdated",
  /** The connection came, went, or ended. `data` is a `ConnectionState`. */
  CONNECTION_CHANGED: "connectionChanged",
} as const;

/** The values of `statusType`, `availability` and `visibility`. */
export const TYPES = {
  USER_STATUS_UNKNOWN: "UNKNOWN",
  USER_STATUS_ONLINE: "ONLINE",
  USER_STATUS_OFFLINE: "OFFLINE",
  USER_STATUS_UNLOGINED: "UNLOGINED",
  USER_AVAILABILITY_AVAILABLE: "AVAILABLE",
  USER_AVAILABILITY_AWAY: "AWAY",
  USER_AVAILABILITY_BUSY: "BUSY",
  VISIBILITY_EVERYONE: "EVERYONE",
  VISIBILITY_FRIENDS: "FRIENDS",
  VISIBILITY_NOBODY: "NOBODY",
} as const;
