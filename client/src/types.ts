/** Whether a user is there. `UNKNOWN` is what to start from, before anything was heard; the server never sends it. */
export type UserStatusType = "UNKNOWN" | "ONLINE" | "OFFLINE" | "UNLOGINED";

/** How approachable a user is: `AWAY` because they said so, or because all of their devices are idle. */
export type Availability = "AVAILABLE" | "AWAY" | "BUSY";

/** Who may see a user's status, but those the user blocked. To all others the user looks like somebody who went offline. */
export type Visibility = "EVERYONE" | "FRIENDS" | "NOBODY";

/** What one may know of a user. Of two with the same `userID`, the one with the higher `version` is the current one. */
export interface UserStatus {
  readonly userID: string;
  readonly statusType: UserStatusType;
  /** The user's own text, up to 100 bytes of UTF-8; empty where none is set. */
  readonly customStatus: string;
  /** When `customStatus` ends, RFC 3339; null where it stays until changed. What comes then: see `setSelfStatus`. */
  readonly customStatusExpiresAt: string | null;
  /** When the user's last connection ended, RFC 3339; null while they are ONLINE, and if they never were. */
  readonly lastOnlineAt: string | null;
  /** The platforms of the live connections, sorted: `ios`, `web`. */
  readonly platforms: readonly string[];
  readonly availability: Availability;
  /** Grows with every change to this user's status. */
  readonly version: number;
}

/** Oneself, as nobody else sees it. */
export interface Self {
  /** One's own status, also while hidden from others. */
  readonly status: UserStatus;
  /** Who may see it. */
  readonly visibility: Visibility;
  /** Whom one has blocked, in the order of their IDs. They see one as hidden, and are not told of it. */
  readonly blockedUserIDs: readonly string[];
}

/** Why a call did not do its work for one of the users in its list; it did for the others. */
export interface UserStatusFailure {
  readonly userID: string;
  /** 70107: no such user. 70402: not a valid user ID, or one's own. 72900: the subscription list is full. */
  readonly code: number;
  /** The same in words. */
  readonly message: string;
}

/** What is known of a user of whom nothing was heard yet. */
export function unknownStatus(userID: string): UserStatus {
  return {
    userID,
    statusType: "UNKNOWN",
    customStatus: "",
    customStatusExpiresAt: null,
    lastOnlineAt: null,
    platforms: [],
    availability: "AVAILABLE",
    version: 0,
  };
}
