import { gql, type TypedDocumentNode } from "@apollo/client";
import type { ListResult, ServiceFigures, Settings, UserDetails, UserIDs, WebhookEvent, WebhookState, PageInfo } from "./types.ts";

type Operation<Data, Variables extends Record<string, unknown>> = TypedDocumentNode<Data, Variables>;

/** For operations without variables. */
export type None = Record<string, never>;

export const FIGURES: Operation<{ figures: ServiceFigures }, { since: string | null }> = gql`
  query Figures($since: Time) {
    figures(since: $since) {
      usersOnline
      total {
        ...Fares
      }
      nodes {
        name
        lastBeatAt
        alive
        answering
        figures {
          ...Fares
        }
      }
      samples {
        at
        usersOnline
        nodes
        figures {
          ...Fares
        }
      }
    }
  }

  fragment Fares on Figures {
    connections
    streams
    users
    updatesPerSecond
    changesPerSecond
    deliveryDelay
    writeDelay
  }
`;

export const SETTINGS: Operation<{ settings: Settings }, None> = gql`
  query Settings {
    settings {
      userStatusEnabled
      friendStatusNotificationEnabled
    }
  }
`;

export const UPDATE_SETTINGS: Operation<{ updateSettings: Settings }, Partial<Settings>> = gql`
  mutation UpdateSettings($userStatusEnabled: Boolean, $friendStatusNotificationEnabled: Boolean) {
    updateSettings(userStatusEnabled: $userStatusEnabled, friendStatusNotificationEnabled: $friendStatusNotificationEnabled) {
      userStatusEnabled
      friendStatusNotificationEnabled
    }
  }
`;

/** A page of a list: how many, and after what. */
export type PageOf<Name extends string> = { readonly [K in `${Name}First`]: number } & { readonly [K in `${Name}After`]: string | null };

export const USERS: Operation<{ users: UserIDs }, { prefix: string; first: number; after: string | null }> = gql`
  query Users($prefix: String!, $first: Int!, $after: String) {
    users(prefix: $prefix, first: $first, after: $after) {
      edges {
        node
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

export type DetailsVariables = { userID: string } & PageOf<"subscriptions"> & PageOf<"subscribers"> & PageOf<"friends"> & PageOf<"blocked"> & PageOf<"history">;

export const USER_DETAILS: Operation<{ userDetails: UserDetails }, DetailsVariables> = gql`
  query UserDetails(
    $userID: ID!
    $subscriptionsFirst: Int!
    $subscriptionsAfter: String
    $subscribersFirst: Int!
    $subscribersAfter: String
    $friendsFirst: Int!
    $friendsAfter: String
    $blockedFirst: Int!
    $blockedAfter: String
    $historyFirst: Int!
    $historyAfter: String
  ) {
    userDetails(userID: $userID) {
      status {
        userID
        statusType
        customStatus
        customStatusExpiresAt
        lastOnlineAt
        platforms
        availability
        version
      }
      statusSince
      visibility
      sessions {
        node
        platforms
        idle
      }
      subscriptions(first: $subscriptionsFirst, after: $subscriptionsAfter) {
        ...IDs
      }
      subscribers(first: $subscribersFirst, after: $subscribersAfter) {
        ...IDs
      }
      friends(first: $friendsFirst, after: $friendsAfter) {
        ...IDs
      }
      blockedUsers(first: $blockedFirst, after: $blockedAfter) {
        ...IDs
      }
      history(first: $historyFirst, after: $historyAfter) {
        edges {
          node {
            userID
            version
            at
            reason
            oldStatusType
            statusType
            customStatus
            customStatusExpiresAt
            availability
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }

  fragment IDs on UserIDConnection {
    totalCount
    edges {
      node
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
`;

export const REGISTER: Operation<{ registerUsers: ListResult }, { userIDList: readonly string[] }> = gql`
  mutation Register($userIDList: [ID!]!) {
    registerUsers(userIDList: $userIDList) {
      failureUserList {
        userID
        code
        message
      }
    }
  }
`;

export const REMOVE: Operation<{ removeUsers: ListResult }, { userIDList: readonly string[] }> = gql`
  mutation Remove($userIDList: [ID!]!) {
    removeUsers(userIDList: $userIDList) {
      failureUserList {
        userID
        code
        message
      }
    }
  }
`;

export const END_SESSIONS: Operation<{ endSessions: ListResult }, { userIDList: readonly string[] }> = gql`
  mutation EndSessions($userIDList: [ID!]!) {
    endSessions(userIDList: $userIDList) {
      failureUserList {
        userID
        code
        message
      }
    }
  }
`;

export const SET_STATUS: Operation<{ setUserStatus: { version: number } }, { userID: string; customStatus: string; expiresAt: string | null }> = gql`
  mutation SetUserStatus($userID: ID!, $customStatus: String!, $expiresAt: Time) {
    setUserStatus(userID: $userID, customStatus: $customStatus, expiresAt: $expiresAt) {
      version
    }
  }
`;

export const BEFRIEND: Operation<{ addFriends: ListResult }, { userID: string; friendIDList: readonly string[] }> = gql`
  mutation Befriend($userID: ID!, $friendIDList: [ID!]!) {
    addFriends(userID: $userID, friendIDList: $friendIDList) {
      failureUserList {
        userID
        code
        message
      }
    }
  }
`;

export const UNFRIEND: Operation<{ removeFriends: ListResult }, { userID: string; friendIDList: readonly string[] }> = gql`
  mutation Unfriend($userID: ID!, $friendIDList: [ID!]) {
    removeFriends(userID: $userID, friendIDList: $friendIDList) {
      failureUserList {
        userID
        code
        message
      }
    }
  }
`;

export type SetAside = { readonly edges: readonly { readonly node: WebhookEvent }[]; readonly pageInfo: PageInfo };

export const WEBHOOKS: Operation<{ webhooks: WebhookState; webhooksSetAside: SetAside }, { first: number; after: string | null }> = gql`
  query Webhooks($first: Int!, $after: String) {
    webhooks {
      enabled
      pending
      pendingSince
      setAside
    }
    webhooksSetAside(first: $first, after: $after) {
      edges {
        node {
          id
          attempts
          lastError
          setAsideAt
          change {
            userID
            version
            at
            reason
            oldStatusType
            statusType
            customStatus
            customStatusExpiresAt
            availability
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

export const RESEND: Operation<{ resendWebhooks: number }, { idList: readonly string[] | null }> = gql`
  mutation Resend($idList: [ID!]) {
    resendWebhooks(idList: $idList)
  }
`;

export const DISCARD: Operation<{ discardWebhooks: number }, { idList: readonly string[] | null }> = gql`
  mutation Discard($idList: [ID!]) {
    discardWebhooks(idList: $idList)
  }
`;
