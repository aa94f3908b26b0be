import { createClient, type Sink, type SubscribePayload } from "graphql-ws";
import { messageOf } from "./error.ts";
import type { Loss } from "./loss.ts";

/** What the package needs of a WebSocket: the one of browsers and of Node 22, or the one of `ws`. */
export interface WebSocketLike {
  close(code?: number, reason?: string): void;
  addEventListener(type: "error", listener: () => void): void;
}
export type WebSocketClass = new (url: string, protocol: string) => WebSocketLike;

export interface SessionOptions {
  readonly address: string;
  readonly webSocketImpl: WebSocketClass;
  /** The payload of `connection_init`. */
  readonly params: Record<string, unknown>;
  /** Milliseconds between pings; one that is not answered for as long ends the session. */
  readonly pingInterval: number;
  /** The server let us in. */
  readonly onReady: () => void;
  /** Called once, with why it is over. Nothing is called after that. */
  readonly onOver: (loss: Loss) => void;
}

/** One socket from opening to close; it never reconnects. */
export interface Session {
  run(payload: SubscribePayload, sink: Sink): () => void;
  end(why: string): void;
}

/** A server that hasn't let us in by then is taken for gone. */
const CONNECT_MS = 10_000;
const PROTOCOL = "graphql-transport-ws";
const READY_STATES = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 };

/** Throws if the WebSocket class does, as browsers' do for an insecure address in a secure page. */
export function openSession(options: SessionOptions): Session {
  const { address, webSocketImpl, params, pingInterval, onReady, onOver } = options;
  const socket = new webSocketImpl(address, PROTOCOL);
  socket.addEventListener("error", () => {}); // `ws` throws what nobody listens for, and graphql-ws stops listening

  let over = false;
  let ready = false;
  let unanswered: ReturnType<typeof setTimeout> | undefined;
  const late = setTimeout(() => drop(`no answer within ${CONNECT_MS / 1000} s`), CONNECT_MS);

  const finish = (loss: Omit<Loss, "wasOnline">): void => {
    if (over) return;
    over = true;
    clearTimeout(late);
    clearTimeout(unanswered);
    // graphql-ws is not to reconnect by itself; what it says now has been told
    void Promise.resolve(client.dispose()).catch(() => {});
    onOver({ ...loss, wasOnline: ready });
  };
  const drop = (text: string): void => {
    finish({ text });
    client.terminate();
    kill(socket);
  };

  const client = createClient({
    url: address,
    webSocketImpl: asClassOf(socket),
    connectionParams: params,
    lazy: false,
    onNonLazyError: () => {}, // told by `closed` or `error` before
    retryAttempts: 0,
    keepAlive: pingInterval,
    on: {
      connected() {
        clearTimeout(late);
        ready = true;
        onReady();
      },
      ping(received) {
        if (received) return;
        clearTimeout(unanswered);
        unanswered = setTimeout(drop, pingInterval, "the server gave no sign of life");
      },
      pong: () => clearTimeout(unanswered),
      closed: (event) => finish(lossOf(event)),
      error: (error) => finish(lossOf(error)),
    },
  });

  return {
    run: (payload, sink) => client.subscribe(payload, unless(() => over, sink)),
    end(why) {
      finish({ text: why });
      socket.close(1000, why);
    },
  };
}

/** Silences what graphql-ws tells its operations once the session's end has been told. */
function unless(over: () => boolean, sink: Sink): Sink {
  return {
    next: (value) => over() || sink.next(value as never),
    error: (error) => over() || sink.error(error),
    complete: () => over() || sink.complete(),
  };
}

/** A socket that is open already, as the class that graphql-ws wants to make one of. */
function asClassOf(socket: WebSocketLike): unknown {
  return Object.assign(function given() {
    return socket;
  }, READY_STATES);
}

/** A close would wait for a frozen server's answer; `ws` can do without. */
function kill(socket: WebSocketLike & { terminate?: () => void }): void {
  socket.terminate?.();
}

function lossOf(event: unknown): { code?: number; text: string } {
  if (typeof event === "object" && event !== null && "code" in event && "reason" in event) {
    return { code: Number(event.code), text: String(event.reason) };
  }
  const told = typeof event === "object" && event !== null && "message" in event && event.message;
  return { text: told ? messageOf(event) : "" };
}
