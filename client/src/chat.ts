import { createConnection, type Connection, type ConnectionOptions, type ConnectionState } from "./connection.ts";
import { UserStatusError } from "./error.ts";
import {
  BlockUsersDocument,
  GetSelfDocument,
  GetUserStatusDocument,
  LogoutDocument,
  ReportIdleDocument,
  SetSelfAvailabilityDocument,
  SetSelfStatusDocument,
  SetSelfVisibilityDocument,
  SubscribeUserStatusDocument,
  UnblockUsersDocument,
  UnsubscribeUserStatusDocument,
} from "./gql/graphql.ts";
import { createListeners } from "./listeners.ts";
import { checkedList, inParts, MAX_QUERY, MAX_CHANGE, type StatusLists } from "./lists.ts";
import { EVENT } from "./names.ts";
import { createNews } from "./news.ts";
import { request } from "./request.ts";
import { asTime, type Moment } from "./time.ts";
import type { Availability, Self, UserStatus, UserStatusFailure, Visibility } from "./types.ts";
import { listen } from "./updates.ts";

export type ChatOptions = ConnectionOptions;

/** What a call resolves with. */
export interface Response<T> {
  readonly data: T;
}

export interface UserStatusUpdatedEvent {
  readonly name: typeof EVENT.USER_STATUS_UPDATED;
  /** Each user that changed, with their newest status. */
  readonly data: readonly UserStatus[];
}

export interface ConnectionChangedEvent {
  readonly name: typeof EVENT.CONNECTION_CHANGED;
  readonly data: ConnectionState;
}

export interface ChatEvents {
  readonly userStatusUpdated: UserStatusUpdatedEvent;
  readonly connectionChanged: ConnectionChangedEvent;
}

export interface UserIDList {
  /** Of any length: what is too long for one call becomes several. */
  readonly userIDList: readonly string[];
}

export interface FailureList {
  /** Those for whom nothing was changed, and why. */
  readonly failureUserList: readonly UserStatusFailure[];
}

export interface SetSelfStatusOptions {
  /** Up to 100 bytes of UTF-8; `""` clears it. */
  readonly customStatus: string;
  /**
   * When it ends, as `expiresIn` and `untilTomorrow` have it; it stays until changed if left out. The text before it
   * then comes back, if that was set without an expiry; else it is cleared. The server does it, also with no device on.
   */
  readonly expiresAt?: Moment | undefined;
}

/** A user who is logged in. Promises reject with a `UserStatusError`. */
export interface Chat {
  /** Sets one's own text. */
  setSelfStatus(options: SetSelfStatusOptions): Promise<Response<UserStatus>>;
  /** How users are, oneself among them if asked for. */
  getUserStatus(options: UserIDList): Promise<Response<StatusLists>>;
  /** From now on `USER_STATUS_UPDATED` tells of these users' changes, until cancelled. */
  subscribeUserStatus(options: UserIDList): Promise<Response<StatusLists>>;
  /** Cancels subscriptions: all of them without a list, or with an empty one. */
  unsubscribeUserStatus(options?: Partial<UserIDList>): Promise<Response<FailureList>>;
  /** Says how approachable one is, until changed, also across reconnects. `AVAILABLE` gives the say back to one's devices. */
  setSelfAvailability(options: { readonly availability: Availability }): Promise<Response<UserStatus>>;
  /**
   * Says whether the person at this device is idle; the connection's loss forgets it. With all of one's devices idle,
   * one is AWAY. In browsers it is done by itself: to do it here, `create` with `idleAfter: false`.
   */
  reportIdle(options: { readonly idle: boolean }): Promise<Response<UserStatus>>;
  /** Oneself, as nobody else sees it. */
  getSelf(): Promise<Response<Self>>;
  /** Sets who may see one's status, at once and until changed. */
  setSelfVisibility(options: { readonly visibility: Visibility }): Promise<Response<Self>>;
  /** Hides one from these users, at once. They are not told. */
  blockUsers(options: UserIDList): Promise<Response<FailureList>>;
  /** Takes blocks back: all of them without a list, or with an empty one. */
  unblockUsers(options?: Partial<UserIDList>): Promise<Response<FailureList>>;
  /** Calls the handler at each such event; one handler is called once, however often it was added. */
  on<Name extends keyof ChatEvents>(name: Name, handler: (event: ChatEvents[Name]) => void): void;
  off<Name extends keyof ChatEvents>(name: Name, handler: (event: ChatEvents[Name]) => void): void;
  /** Ends this connection, or all of the user's, as UNLOGINED. The chat is of no further use. */
  logout(options?: { readonly allDevices?: boolean }): Promise<Response<UserStatus>>;
  /** Lets go of the socket without a logout: the user is OFFLINE after the grace, unless another is open. */
  close(): void;
  /** The one socket of all this; `userstatus/apollo` can share it. */
  readonly connection: Connection;
}

/** Logs in: connects at once, which makes the user ONLINE, and comes back by itself when the connection is lost. */
export function create(options: ChatOptions): Chat {
  const connection = createConnection(options);
  const updated = createListeners<UserStatusUpdatedEvent>();
  const changed = createListeners<ConnectionChangedEvent>();
  const listeners = { [EVENT.USER_STATUS_UPDATED]: updated, [EVENT.CONNECTION_CHANGED]: changed };
  const news = createNews();

  listen(connection, news, (data) => updated.tell({ name: EVENT.USER_STATUS_UPDATED, data }));
  connection.onState((data) => changed.tell({ name: EVENT.CONNECTION_CHANGED, data }));

  return {
    async setSelfStatus(options) {
      const variables = { customStatus: options?.customStatus, expiresAt: asTime(options?.expiresAt) };
      const { setSelfStatus } = await request(connection, SetSelfStatusDocument, variables);
      return { data: setSelfStatus };
    },
    async getUserStatus(options) {
      const answers = await inParts(checkedList(options?.userIDList), MAX_QUERY, async (userIDList) => {
        const { userStatus } = await request(connection, GetUserStatusDocument, { userIDList });
        return userStatus;
      });
      return { data: bothLists(answers) };
    },
    async subscribeUserStatus(options) {
      const answers = await inParts(checkedList(options?.userIDList), MAX_CHANGE, async (userIDList) => {
        const { subscribeUserStatus } = await request(connection, SubscribeUserStatusDocument, { userIDList });
        news.note(subscribeUserStatus.successUserList);
        return subscribeUserStatus;
      });
      return { data: bothLists(answers) };
    },
    async unsubscribeUserStatus(options) {
      const answers = await inParts(checkedList(options?.userIDList ?? []), MAX_CHANGE, async (userIDList) => {
        const { unsubscribeUserStatus } = await request(connection, UnsubscribeUserStatusDocument, { userIDList });
        return unsubscribeUserStatus;
      });
      return { data: allFailures(answers) };
    },
    async setSelfAvailability(options) {
      const { setSelfAvailability } = await request(connection, SetSelfAvailabilityDocument, { availability: options?.availability });
      return { data: setSelfAvailability };
    },
    async reportIdle(options) {
      const { reportIdle } = await request(connection, ReportIdleDocument, { idle: options?.idle });
      return { data: reportIdle };
    },
    async getSelf() {
      const { self } = await request(connection, GetSelfDocument, {});
      return { data: self };
    },
    async setSelfVisibility(options) {
      const { setSelfVisibility } = await request(connection, SetSelfVisibilityDocument, { visibility: options?.visibility });
      return { data: setSelfVisibility };
    },
    async blockUsers(options) {
      const answers = await inParts(checkedList(options?.userIDList), MAX_CHANGE, async (userIDList) => {
        const { blockUsers } = await request(connection, BlockUsersDocument, { userIDList });
        return blockUsers;
      });
      return { data: allFailures(answers) };
    },
    async unblockUsers(options) {
      const answers = await inParts(checkedList(options?.userIDList ?? []), MAX_CHANGE, async (userIDList) => {
        const { unblockUsers } = await request(connection, UnblockUsersDocument, { userIDList });
        return unblockUsers;
      });
      return { data: allFailures(answers) };
    },
    on: (name, handler) => listeners[name].add(handler as never),
    off: (name, handler) => listeners[name].remove(handler as never),
    async logout({ allDevices = false } = {}) {
      const { logout } = await request(connection, LogoutDocument, { allDevices });
      connection.end(new UserStatusError("UNAUTHENTICATED", "logged out by this program"));
      return { data: logout };
    },
    close: () => connection.end(),
    connection,
  };
}

function allFailures(answers: readonly FailureList[]): FailureList {
  return { failureUserList: answers.flatMap(({ failureUserList }) => failureUserList) };
}

function bothLists(answers: readonly StatusLists[]): StatusLists {
  return {
    successUserList: answers.flatMap(({ successUserList }) => successUserList),
    failureUserList: answers.flatMap(({ failureUserList }) => failureUserList),
  };
}
