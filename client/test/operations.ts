import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { parse } from "graphql";

export type UserStatusType = "UNKNOWN" | "ONLINE" | "OFFLINE" | "UNLOGINED";
export type Availability = "AVAILABLE" | "AWAY" | "BUSY";

export interface UserStatus {
  readonly userID: string;
  readonly statusType: UserStatusType;
  readonly customStatus: string;
  readonly customStatusExpiresAt: string | null;
  readonly lastOnlineAt: string | null;
  readonly platforms: readonly string[];
  readonly availability: Availability;
  readonly version: number;
}

export interface Failure {
  readonly userID: string;
  readonly code: number;
  readonly message: string;
}

export interface StatusLists {
  readonly successUserList: readonly UserStatus[];
  readonly failureUserList: readonly Failure[];
}

type None = Record<string, never>;

/** One operation, as text for clients that want text and parsed for those that want that. */
export interface Operation<Data, Variables> {
  readonly query: string;
  readonly document: TypedDocumentNode<Data, Variables>;
}

function operation<Data, Variables = None>(query: string): Operation<Data, Variables> {
  return { query, document: parse(query) };
}

const STATUS = `userID statusType customStatus customStatusExpiresAt lastOnlineAt platforms availability version`;
const LISTS = `successUserList { ${STATUS} } failureUserList { userID code message }`;

export const Self = operation<{ self: { status: UserStatus } }>(`query Self { self { status { ${STATUS} } } }`);

export const Status = operation<{ userStatus: StatusLists }, { userIDs: readonly string[] }>(
  `query Status($userIDs: [ID!]!) { userStatus(userIDList: $userIDs) { ${LISTS} } }`,
);

export const Following = operation<{ subscribedUserStatus: readonly UserStatus[] }>(
  `query Following { subscribedUserStatus { ${STATUS} } }`,
);

export const SetStatus = operation<{ setSelfStatus: UserStatus }, { text: string; expiresAt?: string }>(
  `mutation SetStatus($text: String!, $expiresAt: Time) {
    setSelfStatus(customStatus: $text, expiresAt: $expiresAt) { ${STATUS} }
  }`,
);

export const Follow = operation<{ subscribeUserStatus: StatusLists }, { userIDs: readonly string[] }>(
  `mutation Follow($userIDs: [ID!]!) { subscribeUserStatus(userIDList: $userIDs) { ${LISTS} } }`,
);

export const Unfollow = operation<
  { unsubscribeUserStatus: { failureUserList: readonly Failure[] } },
  { userIDs: readonly string[] }
>(
  `mutation Unfollow($userIDs: [ID!]) {
    unsubscribeUserStatus(userIDList: $userIDs) { failureUserList { userID code message } }
  }`,
);

export const AddFriends = operation<
  { addFriends: { failureUserList: readonly Failure[] } },
  { userID: string; friendIDs: readonly string[] }
>(
  `mutation AddFriends($userID: ID!, $friendIDs: [ID!]!) {
    addFriends(userID: $userID, friendIDList: $friendIDs) { failureUserList { userID code message } }
  }`,
);

export const Logout = operation<{ logout: UserStatus }, { allDevices?: boolean }>(
  `mutation Logout($allDevices: Boolean! = false) { logout(allDevices: $allDevices) { ${STATUS} } }`,
);

export const Register = operation<
  { registerUsers: { failureUserList: readonly Failure[] } },
  { userIDs: readonly string[] }
>(
  `mutation Register($userIDs: [ID!]!) {
    registerUsers(userIDList: $userIDs) { failureUserList { userID code message } }
  }`,
);

export const Remove = operation<
  { removeUsers: { failureUserList: readonly Failure[] } },
  { userIDs: readonly string[] }
>(
  `mutation Remove($userIDs: [ID!]!) {
    removeUsers(userIDList: $userIDs) { failureUserList { userID code message } }
  }`,
);

export const Updates = operation<{ userStatusUpdated: readonly UserStatus[] }, { snapshot?: boolean }>(
  `subscription Updates($snapshot: Boolean! = true) { userStatusUpdated(snapshot: $snapshot) { ${STATUS} } }`,
);
