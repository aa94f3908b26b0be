import { create } from "./chat.ts";
import { EVENT, TYPES } from "./names.ts";

export { create, EVENT, TYPES };
export { UserStatusError, type Reason } from "./error.ts";
export { detectIdle, type IdleOptions } from "./idle.ts";
export { expiresIn, untilTomorrow, type Span } from "./expiry.ts";
export { createConnection, type Connection, type ConnectionOptions, type ConnectionState } from "./connection.ts";
export type {
  Chat,
  ChatEvents,
  ChatOptions,
  ConnectionChangedEvent,
  FailureList,
  Response,
  SetSelfStatusOptions,
  UserIDList,
  UserStatusUpdatedEvent,
} from "./chat.ts";
export type { StatusLists } from "./lists.ts";
export type { Payload, Result, ResultSink } from "./operations.ts";
export type { WebSocketClass, WebSocketLike } from "./session.ts";
export type { Token } from "./token.ts";
export {
  unknownStatus,
  type Availability,
  type Self,
  type UserStatus,
  type UserStatusFailure,
  type UserStatusType,
  type Visibility,
} from "./types.ts";

/** As `import TencentCloudChat from "userstatus"` wants it: `TencentCloudChat.create(…)`, `.EVENT`, `.TYPES`. */
export default { create, EVENT, TYPES };
