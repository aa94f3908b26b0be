import type { Availability, UserStatus, UserStatusFailure, UserStatusType, Visibility } from "userstatus";

// What the schema's admin fields answer with; see schema.graphqls for what each means.

export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
}

export interface UserIDs {
  /** Null where counting would take long. */
  readonly totalCount?: number | null;
  readonly edges: readonly { readonly node: string }[];
  readonly pageInfo: PageInfo;
}

export interface StatusChange {
  readonly userID: string;
  readonly version: number;
  readonly at: string;
  readonly reason: string;
  readonly oldStatusType: UserStatusType;
  readonly statusType: UserStatusType;
  readonly customStatus: string;
  readonly customStatusExpiresAt: string | null;
  readonly availability: Availability;
}

export interface UserSession {
  readonly node: string;
  readonly platforms: readonly string[];
  readonly idle: boolean;
}

export interface UserDetails {
  readonly status: UserStatus;
  readonly statusSince: string | null;
  readonly visibility: Visibility;
  readonly sessions: readonly UserSession[];
  readonly subscriptions: UserIDs;
  readonly subscribers: UserIDs;
  readonly friends: UserIDs;
  readonly blockedUsers: UserIDs;
  readonly history: { readonly edges: readonly { readonly node: StatusChange }[]; readonly pageInfo: PageInfo };
}

/** Rates are per second, delays in seconds and 0 where there was none. */
export interface Figures {
  readonly connections: number;
  readonly streams: number;
  readonly users: number;
  readonly updatesPerSecond: number;
  readonly changesPerSecond: number;
  readonly deliveryDelay: number;
  readonly writeDelay: number;
}

export interface NodeFigures {
  readonly name: string;
  readonly lastBeatAt: string;
  readonly alive: boolean;
  readonly answering: boolean;
  readonly figures: Figures;
}

export interface FiguresSample {
  readonly at: string;
  readonly usersOnline: number;
  readonly nodes: number;
  readonly figures: Figures;
}

export interface ServiceFigures {
  readonly usersOnline: number;
  readonly total: Figures;
  readonly nodes: readonly NodeFigures[];
  readonly samples: readonly FiguresSample[];
}

export interface Settings {
  readonly userStatusEnabled: boolean;
  readonly friendStatusNotificationEnabled: boolean;
}

export interface WebhookState {
  readonly enabled: boolean;
  readonly pending: number;
  readonly pendingSince: string | null;
  readonly setAside: number;
}

export interface WebhookEvent {
  readonly id: string;
  readonly change: StatusChange;
  readonly attempts: number;
  readonly lastError: string;
  readonly setAsideAt: string | null;
}

/** The answer to a call that does something for each user of a list. */
export interface ListResult {
  readonly failureUserList: readonly UserStatusFailure[];
}
