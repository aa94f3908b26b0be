import { WebSocket } from "ws";
import { create, EVENT, type Chat, type ChatOptions, type ConnectionState, type UserStatus } from "../src/index.ts";
import { atEnd } from "./cleanup.ts";
import { createFeed, type Feed } from "./feed.ts";
import type { Server } from "./server.ts";

/** A chat of the package, and what it tells. */
export interface Heard {
  readonly chat: Chat;
  readonly events: Feed<readonly UserStatus[]>;
  readonly states: Feed<ConnectionState>;
  /** Reads on until a user's status is as wanted. */
  until(userID: string, wanted: Partial<UserStatus>): Promise<UserStatus>;
  /** Resolves once it is online, and hears all that changes from then on. */
  online(): Promise<void>;
}

/** A chat that is closed when the file's tests are over. */
export function open(options: ChatOptions): Heard {
  const chat = create({ webSocketImpl: WebSocket, platform: "web", ...options });
  atEnd(() => chat.close());
  const events = createFeed<readonly UserStatus[]>();
  const states = createFeed<ConnectionState>();
  const statuses = createFeed<UserStatus>();
  chat.on(EVENT.USER_STATUS_UPDATED, ({ data }) => {
    events.push(data);
    data.forEach(statuses.push);
  });
  chat.on(EVENT.CONNECTION_CHANGED, ({ data }) => states.push(data));
  return {
    chat,
    events,
    states,
    until: (userID, wanted) =>
      statuses.until(`${userID} being ${JSON.stringify(wanted)}`, (status) =>
        Object.entries({ ...wanted, userID }).every(([name, value]) => status[name as keyof UserStatus] === value),
      ),
    async online() {
      await states.until("being online", ({ state }) => state === "online");
      await chat.getUserStatus({ userIDList: [] }); // answered after what was asked before it
    },
  };
}

export async function openAs(server: Server, user: string, options: Partial<ChatOptions> = {}): Promise<Heard> {
  return open({ url: server.url, token: await server.token(user), ...options });
}
