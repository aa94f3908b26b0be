import { WebSocket } from "ws";
import { atEnd } from "./cleanup.ts";
import { createFeed, within, type Feed } from "./feed.ts";

/** A message of either subprotocol. */
export interface Frame {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A WebSocket without a client library, for what no library would send. */
export interface Socket {
  readonly frames: Feed<Frame>;
  readonly closed: (what: string, patience?: number) => Promise<Closed>;
  send(message: Frame | string): void;
  close(): void;
  /** Goes without a closing handshake, as a lost network does. */
  terminate(): void;
}

export type Subprotocol = "graphql-transport-ws" | "graphql-ws";

interface SocketOptions {
  /** Answers no ping, as a frozen client. */
  readonly mute?: boolean;
  readonly headers?: Record<string, string>;
}

export async function openSocket(
  url: string,
  subprotocol: Subprotocol = "graphql-transport-ws",
  { mute = false, headers = {} }: SocketOptions = {},
): Promise<Socket> {
  const socket = new WebSocket(url, subprotocol, { autoPong: !mute, headers });
  const frames = createFeed<Frame>();
  record(socket, frames);
  atEnd(() => socket.terminate());
  const closed = new Promise<Closed>((resolve) => {
    socket.once("close", (code, reason) => {
      frames.end({ kind: "error", error: { code, reason: reason.toString() } });
      resolve({ code, reason: reason.toString() });
    });
  });
  const opened = new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.on("error", reject);
  });
  await within("an open socket", opened);
  return {
    frames,
    closed: (what, patience) => within(what, closed, patience),
    send: (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    close: () => socket.close(1000),
    terminate: () => socket.terminate(),
  };
}

/** Opens a socket and signs in. */
export async function signIn(
  url: string,
  token: string,
  subprotocol?: Subprotocol,
  options?: SocketOptions,
): Promise<Socket> {
  const socket = await openSocket(url, subprotocol, options);
  socket.send({ type: "connection_init", payload: authorization(token) });
  await socket.frames.until("connection_ack", ({ type }) => type === "connection_ack");
  return socket;
}

export function authorization(token: string, platform = "web"): { authorization: string; platform: string } {
  return { authorization: `Bearer ${token}`, platform };
}

/** A WebSocket class for a client library that keeps what the server says, across reconnects. */
export function recordingSocket(frames: Feed<Frame>): new (url: string, protocols?: string | string[]) => WebSocket {
  return class extends WebSocket {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols);
      record(this, frames);
    }
  };
}

function record(socket: WebSocket, frames: Feed<Frame>): void {
  socket.on("message", (data) => frames.push(JSON.parse(data.toString()) as Frame));
}
