/* eslint-disable */
import * as types from './graphql.js';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "fragment EveryStatus on UserStatus {\n  userID\n  statusType\n  customStatus\n  customStatusExpiresAt\n  lastOnlineAt\n  platforms\n  availability\n  version\n}\n\nfragment EveryFailure on UserStatusFailure {\n  userID\n  code\n  message\n}\n\nquery GetUserStatus($userIDList: [ID!]!) {\n  userStatus(userIDList: $userIDList) {\n    successUserList {\n      ...EveryStatus\n    }\n    failureUserList {\n      ...EveryFailure\n    }\n  }\n}\n\nquery GetSelf {\n  self {\n    status {\n      ...EveryStatus\n    }\n  }\n}\n\nmutation SetSelfStatus($customStatus: String!, $expiresAt: Time) {\n  setSelfStatus(customStatus: $customStatus, expiresAt: $expiresAt) {\n    ...EveryStatus\n  }\n}\n\nmutation SubscribeUserStatus($userIDList: [ID!]!) {\n  subscribeUserStatus(userIDList: $userIDList) {\n    successUserList {\n      ...EveryStatus\n    }\n    failureUserList {\n      ...EveryFailure\n    }\n  }\n}\n\nmutation SubscribeManyUserStatus($userIDList: [ID!]!, $more: [ID!]!) {\n  subscribeUserStatus(userIDList: $userIDList) {\n    successUserList {\n      ...EveryStatus\n    }\n    failureUserList {\n      ...EveryFailure\n    }\n  }\n  more: subscribeUserStatus(userIDList: $more) {\n    successUserList {\n      ...EveryStatus\n    }\n    failureUserList {\n      ...EveryFailure\n    }\n  }\n}\n\nmutation UnsubscribeUserStatus($userIDList: [ID!]) {\n  unsubscribeUserStatus(userIDList: $userIDList) {\n    failureUserList {\n      ...EveryFailure\n    }\n  }\n}\n\nmutation Logout($allDevices: Boolean!) {\n  logout(allDevices: $allDevices) {\n    ...EveryStatus\n  }\n}\n\nsubscription UserStatusUpdated($snapshot: Boolean!) {\n  userStatusUpdated(snapshot: $snapshot) {\n    ...EveryStatus\n  }\n}": typeof types.EveryStatusFragmentDoc,
};
const documents: Documents = {
    "fragment EveryStatus on UserStatus {\n  userID\n  statusType\n  customStatus\n  customStatusExpiresAt\n  lastOnlineAt\n  platforms\n  availability\n  version\n}\n\nfragment EveryFailure on UserStatusFailure {\n  userID\n  code\n  message\n}\n\nquery GetUserStatus($userIDList: [ID!]!) {\n  userStatus(userIDList: $userIDList) {\n    successUserList {\n      ...EveryStatus\n    }\n    failureUserList {\n      ...EveryFailure\n    }\n  }\n}\n\nquery GetSelf {\n  self {\n    status {\n      ...EveryStatus\n    }\n  }\n}\n\nmutation SetSelfStatus($customStatus: String!, $expiresAt: Time) {\n  setSelfStatus(customStatus: $customStatus, expiresAt: $expiresAt) {\n    ...EveryStatus\n  }\n}\n\nmutation SubscribeUserStatus($userIDList: [ID!]!) {\n  subscribeUserStatus(userIDList: $userIDList) {\n    successUserList {\n      ...EveryStatus\n    }\n    failureUserList {\n      ...EveryFailure\n    }\n  }\n}\n\nmutation SubscribeManyUserStatus($userIDList: [ID!]!, $more: [ID!]!) {\n  subscribeUserStatus(userIDList: $userIDList) {\n    successUserList {\n      ...EveryStatus\n    }\n    failureUserList {\n      ...EveryFailure\n    }\n  }\n  more: subscribeUserStatus(userIDList: $more) {\n    successUserList {\n      ...EveryStatus\n    }\n    failureUserList {\n      ...EveryFailure\n    }\n  }\n}\n\nmutation UnsubscribeUserStatus($userIDList: [ID!]) {\n  unsubscribeUserStatus(userIDList: $userIDList) {\n    failureUserList {\n      ...EveryFailure\n    }\n  }\n}\n\nmutation Logout($allDevices: Boolean!) {\n  logout(allDevices: $allDevices) {\n    ...EveryStatus\n  }\n}\n\nsubscription UserStatusUpdated($snapshot: Boolean!) {\n  userStatusUpdated(snapshot: $snapshot) {\n    ...EveryStatus\n  }\n}": types.EveryStatusFragmentDoc,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "fragment EveryStatus on UserStatus {\n  userID\n  statusType\n  customStatus\n  customStatusExpiresAt\n  lastOnlineAt\n  platforms\n  availability\n  version\n}\n\nfragment EveryFailure on UserStatusFailure {\n  userID\n  code\n  message\n}\n\nquery GetUserStatus($userIDList: [ID!]!) {\n  userStatus(userIDList: $userIDList) {\n    successUserList {\n      ...EveryStatus\n    }\n    failureUserList {\n      ...EveryFailure\n    }\n  }\n}\n\nquery GetSelf {\n  self {\n    status {\n      ...EveryStatus\n    }\n  }\n}\n\nmutation SetSelfStatus($customStatus: String!, $expiresAt: Time) {\n  setSelfStatus(customStatus: $customStatus, expiresAt: $expiresAt) {\n    ...EveryStatus\n  }\n}\n\nmutation SubscribeUserStatus($userIDList: [ID!]!) {\n  subscribeUserStatus(userIDList: $userIDList) {\n    successUserList {\n      ...EveryStatus\n    }\n    failureUserList {\n      ...EveryFailure\n    }\n  }\n}\n\nmutation SubscribeManyUserStatus($userIDList: [ID!]!, $more: [ID!]!) {\n  subscribeUserStatus(userIDList: $userIDList) {\n    successUserList {\n      ...EveryStatus\n    }\n    failureUserList {\n      ...EveryFailure\n    }\n  }\n  more: subscribeUserStatus(userIDList: $more) {\n    successUserList {\n      ...EveryStatus\n    }\n    failureUserList {\n      ...EveryFailure\n    }\n  }\n}\n\nmutation UnsubscribeUserStatus($userIDList: [ID!]) {\n  unsubscribeUserStatus(userIDList: $userIDList) {\n    failureUserList {\n      ...EveryFailure\n    }\n  }\n}\n\nmutation Logout($allDevices: Boolean!) {\n  logout(allDevices: $allDevices) {\n    ...EveryStatus\n  }\n}\n\nsubscription UserStatusUpdated($snapshot: Boolean!) {\n  userStatusUpdated(snapshot: $snapshot) {\n    ...EveryStatus\n  }\n}"): typeof import('./graphql.js').EveryStatusFragmentDoc;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
