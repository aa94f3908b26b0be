/* eslint-disable */
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type Maybe<T> = T | null;
export type InputMaybe<T> = T | null | undefined;
export type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
export type MakeOptional<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]?: Maybe<T[SubKey]> };
export type MakeMaybe<T, K extends keyof T> = Omit<T, K> & { [SubKey in K]: Maybe<T[SubKey]> };
export type MakeEmpty<T extends { [key: string]: unknown }, K extends keyof T> = { [_ in K]?: never };
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A moment, RFC 3339 in UTC, to the millisecond: `2026-11-24T09:30:00.250Z`. As an argument any offset will do. */
  Time: { input: string; output: string; }
};

/** How approachable a user is, independent of `UserStatusType`. */
export type Availability =
  /** Neither the user nor their devices say otherwise. */
  | 'AVAILABLE'
  /** The user said so, or all of their live connections have reported idle. */
  | 'AWAY'
  /** The user said so. It wins over idleness. */
  | 'BUSY';

/** How a node, or all of them, fare. Rates and delays are of the last two seconds; of samples, of ten. */
export type Figures = {
  __typename?: 'Figures';
  /** Changes of statuses, a second. */
  changesPerSecond: Scalars['Float']['output'];
  /** Live connections: sockets, and streams over HTTP. */
  connections: Scalars['Int']['output'];
  /** From a change's commit to its bytes written, in seconds: 99 of 100 take no longer. Of several nodes, the slowest; 0 where there was none. */
  deliveryDelay: Scalars['Float']['output'];
  /** Open subscriptions. */
  streams: Scalars['Int']['output'];
  /** Statuses written to streams, a second. */
  updatesPerSecond: Scalars['Float']['output'];
  /** Users with a connection; counted on each of their nodes. */
  users: Scalars['Int']['output'];
  /** What a call waits for its commit, in the same way. */
  writeDelay: Scalars['Float']['output'];
};

/** How all nodes together fared for ten seconds: counts and rates on average, delays at their worst. */
export type FiguresSample = {
  __typename?: 'FiguresSample';
  /** The end of the ten seconds. */
  at: Scalars['Time']['output'];
  /** The figures. */
  figures: Figures;
  /** How many nodes were there. */
  nodes: Scalars['Int']['output'];
  /** How many users were ONLINE then. */
  usersOnline: Scalars['Int']['output'];
};

export type Mutation = {
  __typename?: 'Mutation';
  /** Makes friends, mutually. Those who are already are no failure. */
  addFriends: UserListResult;
  /** Hides one from these users, at once. They are not told, and see what they would see had one gone offline. */
  blockUsers: UserListResult;
  /** Forgets events that were given up, and returns how many. */
  discardWebhooks: Scalars['Int']['output'];
  /** Ends all connections of these users, who are UNLOGINED then; sockets close with 4401. With a token that is still valid they may come back. */
  endSessions: UserListResult;
  /** Ends the calling connection if called over a socket, and all of one's connections if `allDevices`, or if called by plain HTTP. With the last one gone one is UNLOGINED at once. Sockets close with 4401 after the answer. Subscriptions and the custom status stay. */
  logout: UserStatus;
  /** Makes users known before their first token. One that is known already is no failure. */
  registerUsers: UserListResult;
  /** Ends friendships, mutually. One that isn't there is no failure. */
  removeFriends: UserListResult;
  /** Removes users with their status, subscriptions, friendships and blocks; tells their watchers a last UNLOGINED, and closes their sockets with 4401. A token that is still valid makes the user anew. */
  removeUsers: UserListResult;
  /** Says whether the person at the calling connection is idle; gone with the connection. When all live connections are idle, one is AWAY. Told at most once a second, ending on the last word. Only over a connection that makes one ONLINE: by plain HTTP it is BAD_USER_INPUT. */
  reportIdle: UserStatus;
  /** Sends events again that were given up, and returns how many. Each comes after newer ones of its user. */
  resendWebhooks: Scalars['Int']['output'];
  /** Says how approachable one is. It stays until changed, also across reconnects. Counts toward the rate of one's own changes. */
  setSelfAvailability: UserStatus;
  /** Sets one's own text and tells whoever is to be told. Counts toward the rate of one's own changes (20 a second unless the operator set another; past it RATE_LIMITED, 7008). */
  setSelfStatus: UserStatus;
  /** Sets who may see one's status, at once on all open streams. Counts toward the rate of one's own changes. */
  setSelfVisibility: Self;
  /** Sets a user's text as `setSelfStatus` would, without counting toward their rate. */
  setUserStatus: UserStatus;
  /** From now on one is told of these users' changes, on all of one's open streams and until cancelled. Up to 100 a call and 1,000 in all, unless the operator set another. */
  subscribeUserStatus: SubscribeUserStatusResult;
  /** Takes blocks back. One that isn't there is no failure. */
  unblockUsers: UserListResult;
  /** Cancels subscriptions, at once on all of one's open streams. One that isn't there is no failure. */
  unsubscribeUserStatus: UserListResult;
  /** Flips switches of the service, at once on all open streams; what is null stays as it is. */
  updateSettings: Settings;
};


export type MutationAddFriendsArgs = {
  friendIDList: Array<Scalars['ID']['input']>;
  userID: Scalars['ID']['input'];
};


export type MutationBlockUsersArgs = {
  userIDList: Array<Scalars['ID']['input']>;
};


export type MutationDiscardWebhooksArgs = {
  idList?: InputMaybe<Array<Scalars['ID']['input']>>;
};


export type MutationEndSessionsArgs = {
  userIDList: Array<Scalars['ID']['input']>;
};


export type MutationLogoutArgs = {
  allDevices?: Scalars['Boolean']['input'];
};


export type MutationRegisterUsersArgs = {
  userIDList: Array<Scalars['ID']['input']>;
};


export type MutationRemoveFriendsArgs = {
  friendIDList?: InputMaybe<Array<Scalars['ID']['input']>>;
  userID: Scalars['ID']['input'];
};


export type MutationRemoveUsersArgs = {
  userIDList: Array<Scalars['ID']['input']>;
};


export type MutationReportIdleArgs = {
  idle: Scalars['Boolean']['input'];
};


export type MutationResendWebhooksArgs = {
  idList?: InputMaybe<Array<Scalars['ID']['input']>>;
};


export type MutationSetSelfAvailabilityArgs = {
  availability: Availability;
};


export type MutationSetSelfStatusArgs = {
  customStatus: Scalars['String']['input'];
  expiresAt?: InputMaybe<Scalars['Time']['input']>;
};


export type MutationSetSelfVisibilityArgs = {
  visibility: Visibility;
};


export type MutationSetUserStatusArgs = {
  customStatus: Scalars['String']['input'];
  expiresAt?: InputMaybe<Scalars['Time']['input']>;
  userID: Scalars['ID']['input'];
};


export type MutationSubscribeUserStatusArgs = {
  userIDList: Array<Scalars['ID']['input']>;
};


export type MutationUnblockUsersArgs = {
  userIDList?: InputMaybe<Array<Scalars['ID']['input']>>;
};


export type MutationUnsubscribeUserStatusArgs = {
  userIDList?: InputMaybe<Array<Scalars['ID']['input']>>;
};


export type MutationUpdateSettingsArgs = {
  friendStatusNotificationEnabled?: InputMaybe<Scalars['Boolean']['input']>;
  userStatusEnabled?: InputMaybe<Scalars['Boolean']['input']>;
};

/** How one node fares. */
export type NodeFigures = {
  __typename?: 'NodeFigures';
  /** Whether it is there: false once it has left, or was taken for dead. */
  alive: Scalars['Boolean']['output'];
  /** Whether it is the node that answers this. */
  answering: Scalars['Boolean']['output'];
  /** How it fares. */
  figures: Figures;
  /** When it last said that it lives. */
  lastBeatAt: Scalars['Time']['output'];
  /** The node's name. */
  name: Scalars['String']['output'];
};

/** Where a page ends. */
export type PageInfo = {
  __typename?: 'PageInfo';
  /** For `after`: the page that follows; null where this one is empty. */
  endCursor: Maybe<Scalars['String']['output']>;
  /** Whether there is more. */
  hasNextPage: Scalars['Boolean']['output'];
};

export type Query = {
  __typename?: 'Query';
  /** How the service fares, and did in the last hour. */
  figures: ServiceFigures;
  /** Oneself. */
  self: Self;
  /** The switches of the service. */
  settings: Settings;
  /** Everyone one has subscribed to, as they are now, in the order of their IDs. */
  subscribedUserStatus: Array<UserStatus>;
  /** All about one user. BAD_USER_INPUT with 70107 if there is no such user. */
  userDetails: UserDetails;
  /** The status of up to 500 users (more: BAD_USER_INPUT), oneself among them if asked for. */
  userStatus: UserStatusResult;
  /** All users whose IDs begin with something. */
  users: UserIdConnection;
  /** What waits to be told to the app's backend. */
  webhooks: WebhookState;
  /** The events that were given up. */
  webhooksSetAside: WebhookEventConnection;
};


export type QueryFiguresArgs = {
  since?: InputMaybe<Scalars['Time']['input']>;
};


export type QueryUserDetailsArgs = {
  userID: Scalars['ID']['input'];
};


export type QueryUserStatusArgs = {
  userIDList: Array<Scalars['ID']['input']>;
};


export type QueryUsersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: Scalars['Int']['input'];
  prefix?: Scalars['String']['input'];
};


export type QueryWebhooksSetAsideArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: Scalars['Int']['input'];
};

/** Oneself, as nobody else sees it. */
export type Self = {
  __typename?: 'Self';
  /** Whom one has blocked, in the order of their IDs. They see one as hidden, and are not told of it. */
  blockedUserIDs: Array<Scalars['ID']['output']>;
  /** One's own status, also while hidden from others. */
  status: UserStatus;
  /** Who may see it. */
  visibility: Visibility;
};

/** How the service fares. */
export type ServiceFigures = {
  __typename?: 'ServiceFigures';
  /** Each node, also those that left and still have users in their grace. */
  nodes: Array<NodeFigures>;
  /** The last hour, in steps of ten seconds, the oldest first, as the node that answers saw it since it started. */
  samples: Array<FiguresSample>;
  /** All nodes together. */
  total: Figures;
  /** How many users are ONLINE, at most two seconds ago. */
  usersOnline: Scalars['Int']['output'];
};

/** Switches of the whole service, kept in the database and in force at once. */
export type Settings = {
  __typename?: 'Settings';
  /** Whether friends are told of each other's changes without subscribing. False at first. */
  friendStatusNotificationEnabled: Scalars['Boolean']['output'];
  /** Whether one may see others at all. While false, a list that names another is FEATURE_DISABLED (72001), and nobody is told about others; one's own status works, and so does unsubscribing. True at first. */
  userStatusEnabled: Scalars['Boolean']['output'];
};

/** One change of a user's true status: what is in force after it, and what was before. `userID` and `version` name it. */
export type StatusChange = {
  __typename?: 'StatusChange';
  /** When. */
  at: Scalars['Time']['output'];
  /** How approachable the user is since. */
  availability: Availability;
  /** The user's own text since. */
  customStatus: Scalars['String']['output'];
  /** When that ends; null where it stays. */
  customStatusExpiresAt: Maybe<Scalars['Time']['output']>;
  /** Whether the user was there before; UNKNOWN for one who is new. */
  oldStatusType: UserStatusType;
  /** Why. */
  reason: StatusChangeReason;
  /** Whether the user is there since. */
  statusType: UserStatusType;
  /** Whose status changed. */
  userID: Scalars['ID']['output'];
  /** The status' version after the change. */
  version: Scalars['Int']['output'];
};

/** A page of a user's changes, the newest first. */
export type StatusChangeConnection = {
  __typename?: 'StatusChangeConnection';
  /** The changes. */
  edges: Array<StatusChangeEdge>;
  /** Where the page ends. */
  pageInfo: PageInfo;
};

/** A change in a page. */
export type StatusChangeEdge = {
  __typename?: 'StatusChangeEdge';
  /** For `after`: the page that follows it. */
  cursor: Scalars['String']['output'];
  /** The change. */
  node: StatusChange;
};

/** Why a user's status changed. */
export type StatusChangeReason =
  /** They said how approachable they are. */
  | 'AVAILABILITY_SET'
  /** Their last connection broke off or was closed, or its node went down, and they did not come back within the grace. */
  | 'CONNECTION_LOST'
  /** They, or an admin, set the custom status. */
  | 'CUSTOM_STATUS_SET'
  /** The custom status had come to its end. */
  | 'EXPIRED'
  /** All of their devices became idle, or one no longer is. */
  | 'IDLENESS'
  /** Their first connection came. */
  | 'LOGIN'
  /** They logged out of their last connection, or of all. */
  | 'LOGOUT'
  /** The user was heard of for the first time, by a token or by `registerUsers`. */
  | 'REGISTERED'
  /** The user was removed. In a webhook only: the history goes with the user. */
  | 'REMOVED'
  /** An admin ended their connections (`endSessions`). */
  | 'SESSIONS_ENDED'
  /** The same of a connection that gave no sign of life, or took nothing any more. */
  | 'TIMEOUT';

/** The answer to `subscribeUserStatus`: each user once, in the order asked, in one of the two lists. */
export type SubscribeUserStatusResult = {
  __typename?: 'SubscribeUserStatusResult';
  /** Those one is not, and why. */
  failureUserList: Array<UserStatusFailure>;
  /** Those one is told about from now on, as they are now. */
  successUserList: Array<UserStatus>;
};

export type Subscription = {
  __typename?: 'Subscription';
  /** Tells of changes as they happen: one's own, those of users subscribed to, and those of friends while that is switched on. A payload is a list with the newest status of each user that changed; versions of a user never fall within a stream. A client that falls behind gets each user's newest status once it can read again. */
  userStatusUpdated: Array<UserStatus>;
};


export type SubscriptionUserStatusUpdatedArgs = {
  snapshot?: Scalars['Boolean']['input'];
};

/** All that there is to know of a user, for the operator: true, also of who hides. */
export type UserDetails = {
  __typename?: 'UserDetails';
  /** Whom the user blocked. */
  blockedUsers: UserIdConnection;
  /** The user's friends. */
  friends: UserIdConnection;
  /** What changed of the status, as far back as the service keeps it (7 days unless the operator set another); the newest first. */
  history: StatusChangeConnection;
  /** Where the user is connected, or was within the grace: one for each node. */
  sessions: Array<UserSession>;
  /** The true status. */
  status: UserStatus;
  /** Since when `statusType` is what it is; null where that was before it was noted. */
  statusSince: Maybe<Scalars['Time']['output']>;
  /** Who subscribed to the user. */
  subscribers: UserIdConnection;
  /** Whom the user subscribed to. */
  subscriptions: UserIdConnection;
  /** Who may see the user. */
  visibility: Visibility;
};


/** All that there is to know of a user, for the operator: true, also of who hides. */
export type UserDetailsBlockedUsersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: Scalars['Int']['input'];
};


/** All that there is to know of a user, for the operator: true, also of who hides. */
export type UserDetailsFriendsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: Scalars['Int']['input'];
};


/** All that there is to know of a user, for the operator: true, also of who hides. */
export type UserDetailsHistoryArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: Scalars['Int']['input'];
};


/** All that there is to know of a user, for the operator: true, also of who hides. */
export type UserDetailsSubscribersArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: Scalars['Int']['input'];
};


/** All that there is to know of a user, for the operator: true, also of who hides. */
export type UserDetailsSubscriptionsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: Scalars['Int']['input'];
};

/** A page of users, in the order of their IDs. */
export type UserIdConnection = {
  __typename?: 'UserIDConnection';
  /** The users. */
  edges: Array<UserIdEdge>;
  /** Where the page ends. */
  pageInfo: PageInfo;
  /** How many the list has; null where counting would take long. */
  totalCount: Maybe<Scalars['Int']['output']>;
};

/** A user in a page. */
export type UserIdEdge = {
  __typename?: 'UserIDEdge';
  /** For `after`: the page that follows them. */
  cursor: Scalars['String']['output'];
  /** The user's ID. */
  node: Scalars['ID']['output'];
};

/** The answer to a call that changes something for each user of a list. */
export type UserListResult = {
  __typename?: 'UserListResult';
  /** Those for whom nothing was changed, and why; empty where all went well. */
  failureUserList: Array<UserStatusFailure>;
};

/** A user's presence on one node, however many connections it is made of. */
export type UserSession = {
  __typename?: 'UserSession';
  /** Whether all of the connections have reported idle. */
  idle: Scalars['Boolean']['output'];
  /** The node's name. */
  node: Scalars['String']['output'];
  /** The platforms of the connections. */
  platforms: Array<Scalars['String']['output']>;
};

/** What one may know of a user. It is state, not an event: of two with the same `userID`, the one with the higher `version` is the current one. */
export type UserStatus = {
  __typename?: 'UserStatus';
  /** How approachable the user is. */
  availability: Availability;
  /** The user's own text, up to 100 bytes of UTF-8; empty where none is set. It stays when the user goes offline or logs out. */
  customStatus: Scalars['String']['output'];
  /** When `customStatus` ends; null where it stays until changed. The text before it then comes back, if that was set without an expiry; else it is cleared. */
  customStatusExpiresAt: Maybe<Scalars['Time']['output']>;
  /** When the user's last connection ended; null while they are ONLINE, and if they never were. */
  lastOnlineAt: Maybe<Scalars['Time']['output']>;
  /** The platforms of the live connections, sorted, each once (`android`, `ios`, `web`); connections that named none are left out. While the last one may come back within the grace, its platform stays. A change in it alone is not told: it travels with the next. */
  platforms: Array<Scalars['String']['output']>;
  /** Whether the user is there. */
  statusType: UserStatusType;
  /** Whose status this is: the `sub` of their tokens, 1 to 128 bytes of UTF-8. */
  userID: Scalars['ID']['output'];
  /** Grows with every change to this user's status, by one or more. Clients keep the higher one. */
  version: Scalars['Int']['output'];
};

/** Why a call did not do its work for one of the users in its list; it did for the others. */
export type UserStatusFailure = {
  __typename?: 'UserStatusFailure';
  /** 70107: no such user. 70402: not a valid user ID; or one's own, in a subscription or as a friend. 72900: the subscription list is full. */
  code: Scalars['Int']['output'];
  /** The same in words, for developers. */
  message: Scalars['String']['output'];
  /** The ID as it was given. */
  userID: Scalars['ID']['output'];
};

/** The answer to a query about several users: each user once, in the order asked, in one of the two lists. */
export type UserStatusResult = {
  __typename?: 'UserStatusResult';
  /** Those that were not, and why. */
  failureUserList: Array<UserStatusFailure>;
  /** Those that were found, as they are now. */
  successUserList: Array<UserStatus>;
};

/** Whether a user is there. */
export type UserStatusType =
  /** The last connection was lost, without a logout, longer than the grace ago (10 s unless the operator set another). */
  | 'OFFLINE'
  /** At least one live connection: an accepted WebSocket, or an open SSE or multipart subscription. */
  | 'ONLINE'
  /** Nothing has been heard of the user yet. It is for clients to start from; the server never sends it. */
  | 'UNKNOWN'
  /** Registered but never connected, or logged out. */
  | 'UNLOGINED';

/** Who may see a user's status. To all others the user looks like somebody who went offline when they lost sight of them. */
export type Visibility =
  /** Everybody but those the user blocked. */
  | 'EVERYONE'
  /** Friends, but those the user blocked. */
  | 'FRIENDS'
  /** Nobody but the user. */
  | 'NOBODY';

/** A change that the app's backend was to be told of. */
export type WebhookEvent = {
  __typename?: 'WebhookEvent';
  /** How often it was sent in vain. */
  attempts: Scalars['Int']['output'];
  /** What it tells. */
  change: StatusChange;
  /** The `webhook-id` it is sent with, each time. */
  id: Scalars['ID']['output'];
  /** Why the last attempt failed. */
  lastError: Scalars['String']['output'];
  /** When it was given up. */
  setAsideAt: Maybe<Scalars['Time']['output']>;
};

/** A page of events that were given up, the last first. */
export type WebhookEventConnection = {
  __typename?: 'WebhookEventConnection';
  /** The events. */
  edges: Array<WebhookEventEdge>;
  /** Where the page ends. */
  pageInfo: PageInfo;
};

/** An event in a page. */
export type WebhookEventEdge = {
  __typename?: 'WebhookEventEdge';
  /** For `after`: the page that follows it. */
  cursor: Scalars['String']['output'];
  /** The event. */
  node: WebhookEvent;
};

/** What waits to be told to the app's backend. */
export type WebhookState = {
  __typename?: 'WebhookState';
  /** Whether changes are sent anywhere. */
  enabled: Scalars['Boolean']['output'];
  /** How many events wait. */
  pending: Scalars['Int']['output'];
  /** When the oldest of them happened; null where none waits. */
  pendingSince: Maybe<Scalars['Time']['output']>;
  /** How many were given up after 24 hours. */
  setAside: Scalars['Int']['output'];
};

export type EveryStatusFragment = { __typename?: 'UserStatus', userID: string, statusType: UserStatusType, customStatus: string, customStatusExpiresAt: string | null, lastOnlineAt: string | null, platforms: Array<string>, availability: Availability, version: number };

export type EverySettingFragment = { __typename?: 'Self', visibility: Visibility, blockedUserIDs: Array<string> };

export type EverySelfFragment = { __typename?: 'Self', visibility: Visibility, blockedUserIDs: Array<string>, status: { __typename?: 'UserStatus', userID: string, statusType: UserStatusType, customStatus: string, customStatusExpiresAt: string | null, lastOnlineAt: string | null, platforms: Array<string>, availability: Availability, version: number } };

export type EveryFailureFragment = { __typename?: 'UserStatusFailure', userID: string, code: number, message: string };

export type GetUserStatusQueryVariables = Exact<{
  userIDList: Array<Scalars['ID']['input']> | Scalars['ID']['input'];
}>;


export type GetUserStatusQuery = { __typename?: 'Query', userStatus: { __typename?: 'UserStatusResult', successUserList: Array<{ __typename?: 'UserStatus', userID: string, statusType: UserStatusType, customStatus: string, customStatusExpiresAt: string | null, lastOnlineAt: string | null, platforms: Array<string>, availability: Availability, version: number }>, failureUserList: Array<{ __typename?: 'UserStatusFailure', userID: string, code: number, message: string }> } };

export type GetSelfQueryVariables = Exact<{ [key: string]: never; }>;


export type GetSelfQuery = { __typename?: 'Query', self: { __typename?: 'Self', visibility: Visibility, blockedUserIDs: Array<string>, status: { __typename?: 'UserStatus', userID: string, statusType: UserStatusType, customStatus: string, customStatusExpiresAt: string | null, lastOnlineAt: string | null, platforms: Array<string>, availability: Availability, version: number } } };

export type SetSelfStatusMutationVariables = Exact<{
  customStatus: Scalars['String']['input'];
  expiresAt?: InputMaybe<Scalars['Time']['input']>;
}>;


export type SetSelfStatusMutation = { __typename?: 'Mutation', setSelfStatus: { __typename?: 'UserStatus', userID: string, statusType: UserStatusType, customStatus: string, customStatusExpiresAt: string | null, lastOnlineAt: string | null, platforms: Array<string>, availability: Availability, version: number } };

export type SubscribeUserStatusMutationVariables = Exact<{
  userIDList: Array<Scalars['ID']['input']> | Scalars['ID']['input'];
}>;


export type SubscribeUserStatusMutation = { __typename?: 'Mutation', subscribeUserStatus: { __typename?: 'SubscribeUserStatusResult', successUserList: Array<{ __typename?: 'UserStatus', userID: string, statusType: UserStatusType, customStatus: string, customStatusExpiresAt: string | null, lastOnlineAt: string | null, platforms: Array<string>, availability: Availability, version: number }>, failureUserList: Array<{ __typename?: 'UserStatusFailure', userID: string, code: number, message: string }> } };

export type SubscribeManyUserStatusMutationVariables = Exact<{
  userIDList: Array<Scalars['ID']['input']> | Scalars['ID']['input'];
  more: Array<Scalars['ID']['input']> | Scalars['ID']['input'];
}>;


export type SubscribeManyUserStatusMutation = { __typename?: 'Mutation', subscribeUserStatus: { __typename?: 'SubscribeUserStatusResult', successUserList: Array<{ __typename?: 'UserStatus', userID: string, statusType: UserStatusType, customStatus: string, customStatusExpiresAt: string | null, lastOnlineAt: string | null, platforms: Array<string>, availability: Availability, version: number }>, failureUserList: Array<{ __typename?: 'UserStatusFailure', userID: string, code: number, message: string }> }, more: { __typename?: 'SubscribeUserStatusResult', successUserList: Array<{ __typename?: 'UserStatus', userID: string, statusType: UserStatusType, customStatus: string, customStatusExpiresAt: string | null, lastOnlineAt: string | null, platforms: Array<string>, availability: Availability, version: number }>, failureUserList: Array<{ __typename?: 'UserStatusFailure', userID: string, code: number, message: string }> } };

export type UnsubscribeUserStatusMutationVariables = Exact<{
  userIDList?: InputMaybe<Array<Scalars['ID']['input']> | Scalars['ID']['input']>;
}>;


export type UnsubscribeUserStatusMutation = { __typename?: 'Mutation', unsubscribeUserStatus: { __typename?: 'UserListResult', failureUserList: Array<{ __typename?: 'UserStatusFailure', userID: string, code: number, message: string }> } };

export type SetSelfAvailabilityMutationVariables = Exact<{
  availability: Availability;
}>;


export type SetSelfAvailabilityMutation = { __typename?: 'Mutation', setSelfAvailability: { __typename?: 'UserStatus', userID: string, statusType: UserStatusType, customStatus: string, customStatusExpiresAt: string | null, lastOnlineAt: string | null, platforms: Array<string>, availability: Availability, version: number } };

export type ReportIdleMutationVariables = Exact<{
  idle: Scalars['Boolean']['input'];
}>;


export type ReportIdleMutation = { __typename?: 'Mutation', reportIdle: { __typename?: 'UserStatus', userID: string, statusType: UserStatusType, customStatus: string, customStatusExpiresAt: string | null, lastOnlineAt: string | null, platforms: Array<string>, availability: Availability, version: number } };

export type SetSelfVisibilityMutationVariables = Exact<{
  visibility: Visibility;
}>;


export type SetSelfVisibilityMutation = { __typename?: 'Mutation', setSelfVisibility: { __typename?: 'Self', visibility: Visibility, blockedUserIDs: Array<string>, status: { __typename?: 'UserStatus', userID: string, statusType: UserStatusType, customStatus: string, customStatusExpiresAt: string | null, lastOnlineAt: string | null, platforms: Array<string>, availability: Availability, version: number } } };

export type BlockUsersMutationVariables = Exact<{
  userIDList: Array<Scalars['ID']['input']> | Scalars['ID']['input'];
}>;


export type BlockUsersMutation = { __typename?: 'Mutation', blockUsers: { __typename?: 'UserListResult', failureUserList: Array<{ __typename?: 'UserStatusFailure', userID: string, code: number, message: string }> } };

export type UnblockUsersMutationVariables = Exact<{
  userIDList?: InputMaybe<Array<Scalars['ID']['input']> | Scalars['ID']['input']>;
}>;


export type UnblockUsersMutation = { __typename?: 'Mutation', unblockUsers: { __typename?: 'UserListResult', failureUserList: Array<{ __typename?: 'UserStatusFailure', userID: string, code: number, message: string }> } };

export type LogoutMutationVariables = Exact<{
  allDevices: Scalars['Boolean']['input'];
}>;


export type LogoutMutation = { __typename?: 'Mutation', logout: { __typename?: 'UserStatus', userID: string, statusType: UserStatusType, customStatus: string, customStatusExpiresAt: string | null, lastOnlineAt: string | null, platforms: Array<string>, availability: Availability, version: number } };

export type UserStatusUpdatedSubscriptionVariables = Exact<{
  snapshot: Scalars['Boolean']['input'];
}>;


export type UserStatusUpdatedSubscription = { __typename?: 'Subscription', userStatusUpdated: Array<{ __typename?: 'UserStatus', userID: string, statusType: UserStatusType, customStatus: string, customStatusExpiresAt: string | null, lastOnlineAt: string | null, platforms: Array<string>, availability: Availability, version: number }> };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const EveryStatusFragmentDoc = new TypedDocumentString(`
    fragment EveryStatus on UserStatus {
  userID
  statusType
  customStatus
  customStatusExpiresAt
  lastOnlineAt
  platforms
  availability
  version
}
    `, {"fragmentName":"EveryStatus"}) as unknown as TypedDocumentString<EveryStatusFragment, unknown>;
export const EverySettingFragmentDoc = new TypedDocumentString(`
    fragment EverySetting on Self {
  visibility
  blockedUserIDs
}
    `, {"fragmentName":"EverySetting"}) as unknown as TypedDocumentString<EverySettingFragment, unknown>;
export const EverySelfFragmentDoc = new TypedDocumentString(`
    fragment EverySelf on Self {
  status {
    ...EveryStatus
  }
  ...EverySetting
}
    fragment EveryStatus on UserStatus {
  userID
  statusType
  customStatus
  customStatusExpiresAt
  lastOnlineAt
  platforms
  availability
  version
}
fragment EverySetting on Self {
  visibility
  blockedUserIDs
}`, {"fragmentName":"EverySelf"}) as unknown as TypedDocumentString<EverySelfFragment, unknown>;
export const EveryFailureFragmentDoc = new TypedDocumentString(`
    fragment EveryFailure on UserStatusFailure {
  userID
  code
  message
}
    `, {"fragmentName":"EveryFailure"}) as unknown as TypedDocumentString<EveryFailureFragment, unknown>;
export const GetUserStatusDocument = new TypedDocumentString(`
    query GetUserStatus($userIDList: [ID!]!) {
  userStatus(userIDList: $userIDList) {
    successUserList {
      ...EveryStatus
    }
    failureUserList {
      ...EveryFailure
    }
  }
}
    fragment EveryStatus on UserStatus {
  userID
  statusType
  customStatus
  customStatusExpiresAt
  lastOnlineAt
  platforms
  availability
  version
}
fragment EveryFailure on UserStatusFailure {
  userID
  code
  message
}`) as unknown as TypedDocumentString<GetUserStatusQuery, GetUserStatusQueryVariables>;
export const GetSelfDocument = new TypedDocumentString(`
    query GetSelf {
  self {
    ...EverySelf
  }
}
    fragment EveryStatus on UserStatus {
  userID
  statusType
  customStatus
  customStatusExpiresAt
  lastOnlineAt
  platforms
  availability
  version
}
fragment EverySetting on Self {
  visibility
  blockedUserIDs
}
fragment EverySelf on Self {
  status {
    ...EveryStatus
  }
  ...EverySetting
}`) as unknown as TypedDocumentString<GetSelfQuery, GetSelfQueryVariables>;
export const SetSelfStatusDocument = new TypedDocumentString(`
    mutation SetSelfStatus($customStatus: String!, $expiresAt: Time) {
  setSelfStatus(customStatus: $customStatus, expiresAt: $expiresAt) {
    ...EveryStatus
  }
}
    fragment EveryStatus on UserStatus {
  userID
  statusType
  customStatus
  customStatusExpiresAt
  lastOnlineAt
  platforms
  availability
  version
}`) as unknown as TypedDocumentString<SetSelfStatusMutation, SetSelfStatusMutationVariables>;
export const SubscribeUserStatusDocument = new TypedDocumentString(`
    mutation SubscribeUserStatus($userIDList: [ID!]!) {
  subscribeUserStatus(userIDList: $userIDList) {
    successUserList {
      ...EveryStatus
    }
    failureUserList {
      ...EveryFailure
    }
  }
}
    fragment EveryStatus on UserStatus {
  userID
  statusType
  customStatus
  customStatusExpiresAt
  lastOnlineAt
  platforms
  availability
  version
}
fragment EveryFailure on UserStatusFailure {
  userID
  code
  message
}`) as unknown as TypedDocumentString<SubscribeUserStatusMutation, SubscribeUserStatusMutationVariables>;
export const SubscribeManyUserStatusDocument = new TypedDocumentString(`
    mutation SubscribeManyUserStatus($userIDList: [ID!]!, $more: [ID!]!) {
  subscribeUserStatus(userIDList: $userIDList) {
    successUserList {
      ...EveryStatus
    }
    failureUserList {
      ...EveryFailure
    }
  }
  more: subscribeUserStatus(userIDList: $more) {
    successUserList {
      ...EveryStatus
    }
    failureUserList {
      ...EveryFailure
    }
  }
}
    fragment EveryStatus on UserStatus {
  userID
  statusType
  customStatus
  customStatusExpiresAt
  lastOnlineAt
  platforms
  availability
  version
}
fragment EveryFailure on UserStatusFailure {
  userID
  code
  message
}`) as unknown as TypedDocumentString<SubscribeManyUserStatusMutation, SubscribeManyUserStatusMutationVariables>;
export const UnsubscribeUserStatusDocument = new TypedDocumentString(`
    mutation UnsubscribeUserStatus($userIDList: [ID!]) {
  unsubscribeUserStatus(userIDList: $userIDList) {
    failureUserList {
      ...EveryFailure
    }
  }
}
    fragment EveryFailure on UserStatusFailure {
  userID
  code
  message
}`) as unknown as TypedDocumentString<UnsubscribeUserStatusMutation, UnsubscribeUserStatusMutationVariables>;
export const SetSelfAvailabilityDocument = new TypedDocumentString(`
    mutation SetSelfAvailability($availability: Availability!) {
  setSelfAvailability(availability: $availability) {
    ...EveryStatus
  }
}
    fragment EveryStatus on UserStatus {
  userID
  statusType
  customStatus
  customStatusExpiresAt
  lastOnlineAt
  platforms
  availability
  version
}`) as unknown as TypedDocumentString<SetSelfAvailabilityMutation, SetSelfAvailabilityMutationVariables>;
export const ReportIdleDocument = new TypedDocumentString(`
    mutation ReportIdle($idle: Boolean!) {
  reportIdle(idle: $idle) {
    ...EveryStatus
  }
}
    fragment EveryStatus on UserStatus {
  userID
  statusType
  customStatus
  customStatusExpiresAt
  lastOnlineAt
  platforms
  availability
  version
}`) as unknown as TypedDocumentString<ReportIdleMutation, ReportIdleMutationVariables>;
export const SetSelfVisibilityDocument = new TypedDocumentString(`
    mutation SetSelfVisibility($visibility: Visibility!) {
  setSelfVisibility(visibility: $visibility) {
    ...EverySelf
  }
}
    fragment EveryStatus on UserStatus {
  userID
  statusType
  customStatus
  customStatusExpiresAt
  lastOnlineAt
  platforms
  availability
  version
}
fragment EverySetting on Self {
  visibility
  blockedUserIDs
}
fragment EverySelf on Self {
  status {
    ...EveryStatus
  }
  ...EverySetting
}`) as unknown as TypedDocumentString<SetSelfVisibilityMutation, SetSelfVisibilityMutationVariables>;
export const BlockUsersDocument = new TypedDocumentString(`
    mutation BlockUsers($userIDList: [ID!]!) {
  blockUsers(userIDList: $userIDList) {
    failureUserList {
      ...EveryFailure
    }
  }
}
    fragment EveryFailure on UserStatusFailure {
  userID
  code
  message
}`) as unknown as TypedDocumentString<BlockUsersMutation, BlockUsersMutationVariables>;
export const UnblockUsersDocument = new TypedDocumentString(`
    mutation UnblockUsers($userIDList: [ID!]) {
  unblockUsers(userIDList: $userIDList) {
    failureUserList {
      ...EveryFailure
    }
  }
}
    fragment EveryFailure on UserStatusFailure {
  userID
  code
  message
}`) as unknown as TypedDocumentString<UnblockUsersMutation, UnblockUsersMutationVariables>;
export const LogoutDocument = new TypedDocumentString(`
    mutation Logout($allDevices: Boolean!) {
  logout(allDevices: $allDevices) {
    ...EveryStatus
  }
}
    fragment EveryStatus on UserStatus {
  userID
  statusType
  customStatus
  customStatusExpiresAt
  lastOnlineAt
  platforms
  availability
  version
}`) as unknown as TypedDocumentString<LogoutMutation, LogoutMutationVariables>;
export const UserStatusUpdatedDocument = new TypedDocumentString(`
    subscription UserStatusUpdated($snapshot: Boolean!) {
  userStatusUpdated(snapshot: $snapshot) {
    ...EveryStatus
  }
}
    fragment EveryStatus on UserStatus {
  userID
  statusType
  customStatus
  customStatusExpiresAt
  lastOnlineAt
  platforms
  availability
  version
}`) as unknown as TypedDocumentString<UserStatusUpdatedSubscription, UserStatusUpdatedSubscriptionVariables>;