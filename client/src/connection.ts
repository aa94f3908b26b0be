import { socketAddress } from "./address.ts";
import { retryDelay, wait, type Wait } from "./backoff.ts";
import { asUserStatusError, UserStatusError } from "./error.ts";
import { detectIdle } from "./idle.ts";
import { createListeners } from "./listeners.ts";
import { judge, type Loss } from "./loss.ts";
import { createOperations, type Payload, type ResultSink } from "./operations.ts";
import { openSession, type Session, type WebSocketClass } from "./session.ts";
import { fetchToken, type Token } from "./token.ts";

export interface ConnectionOptions {
  /** The server's address: http(s) or ws(s), with or without `/graphql`; relative ones are of the page's origin. */
  readonly url: string;
  /** The user's token, or a function that gets one: it is called anew at every connect and reconnect. */
  readonly token: Token;
  /** What others see in `platforms`: 1 to 32 of `A-Za-z0-9._-`. In browsers `"web"` unless set, elsewhere none. */
  readonly platform?: string | undefined;
  /** The class of sockets where none is built in (Node before 22): `WebSocket` of `ws`. */
  readonly webSocketImpl?: WebSocketClass | undefined;
  /** Milliseconds that a call waits for a connection and its answer before it is rejected. 10,000 unless set. */
  readonly timeout?: number | undefined;
  /** Milliseconds between pings. A server that leaves one unanswered for as long is taken for gone. 10,000 unless set. */
  readonly pingInterval?: number | undefined;
  /**
   * In browsers: milliseconds without input after which this page counts as idle, as `detectIdle` has it; with all of
   * the user's devices idle, others see them as AWAY. 300,000 unless set; `false` leaves it to `reportIdle`, or to nobody.
   */
  readonly idleAfter?: number | false | undefined;
}

/**
 * `connecting`: on the way. `online`: the server let us in, and others see us as ONLINE.
 * `offline`: lost or refused, and about to try again. `ended`: for good.
 */
export interface ConnectionState {
  readonly state: "connecting" | "online" | "offline" | "ended";
  /** Why it isn't online, once something went wrong. */
  readonly reason?: UserStatusError | undefined;
}

/** One socket to the server that comes back by itself, for whatever wants to use it. */
export interface Connection {
  readonly current: ConnectionState;
  /** Calls the listener at each change from now on, until the returned function is called. */
  onState(listener: (state: ConnectionState) => void): () => void;
  /** A query or mutation: it ends in an error if there is no answer in time. The returned function stops it. */
  call(payload: Payload, sink: ResultSink): () => void;
  /** A subscription: opened anew at each reconnect, until the returned function is called. */
  stream(payload: Payload, sink: ResultSink): () => void;
  /** Ends it for good: lets go of the socket without a logout, and fails what is under way. */
  end(reason?: UserStatusError): void;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_PING_INTERVAL_MS = 10_000;
/** A connection that lasted so long was a good one: the next wait is the first again. */
const STEADY_MS = 5_000;

/** Connects at once, and stays connected until it is ended, here or by the server. */
export function createConnection(options: ConnectionOptions): Connection {
  const { token, timeout = DEFAULT_TIMEOUT_MS, pingInterval = DEFAULT_PING_INTERVAL_MS } = options;
  const listeners = createListeners<ConnectionState>();
  const operations = createOperations(timeout, () => whyLate(current, timeout));
  let current: ConnectionState = { state: "connecting" };
  let session: Session | undefined;
  let pause: Wait | undefined;

  const hasEnded = (): boolean => current.state === "ended";
  const enter = (next: ConnectionState): void => {
    current = next;
    listeners.tell(next);
  };

  function ready(on: Session): void {
    operations.start(on);
    enter({ state: "online" });
  }

  function lost(): void {
    session = undefined;
    operations.lost();
  }

  /** Connects, and resolves once that connection is gone or did not come about. */
  async function connectOnce(address: string): Promise<Loss> {
    const { bearer, failed } = await fetchToken(token);
    if (failed) return failed;
    if (hasEnded()) return { text: "closed", wasOnline: false };
    const params = initPayload(bearer, options.platform);
    const webSocketImpl = options.webSocketImpl ?? builtInWebSocket();
    return new Promise((resolve) => {
      const opened = openSession({
        address,
        webSocketImpl,
        params,
        pingInterval,
        onReady: () => ready(opened),
        onOver(loss) {
          lost();
          resolve(loss);
        },
      });
      session = opened;
    });
  }

  async function live(): Promise<void> {
    const address = socketAddress(options.url);
    if (options.idleAfter !== false) detectIdle(connection, { after: options.idleAfter });
    for (let attempt = 0; !hasEnded(); attempt++) {
      const began = Date.now();
      const loss = await connectOnce(address);
      if (hasEnded()) return;
      const { error, final, blamesCalls } = judge(loss, address, typeof token === "string");
      if (final) return end(error);
      if (blamesCalls) operations.failCalls(error);
      if (loss.wasOnline && Date.now() - began > STEADY_MS) attempt = 0;
      enter({ state: "offline", reason: error });
      await rest(attempt);
    }
  }

  async function rest(attempt: number): Promise<void> {
    if (hasEnded()) return; // by a listener
    pause = wait(retryDelay(attempt));
    await pause.over;
    if (!hasEnded()) enter({ state: "connecting", reason: current.reason });
  }

  function end(reason = new UserStatusError("CLOSED", "the connection was closed by this program")): void {
    if (hasEnded()) return;
    forgetNetwork();
    session?.end("closed");
    enter({ state: "ended", reason });
    operations.end(reason);
    pause?.end();
  }

  const forgetNetwork = onNetworkBack(() => pause?.end());
  const connection: Connection = {
    get current() {
      return current;
    },
    onState(listener) {
      listeners.add(listener);
      return () => listeners.remove(listener);
    },
    call: operations.call,
    stream: operations.stream,
    end,
  };
  queueMicrotask(() => live().catch((error: unknown) => end(asUserStatusError(error))));
  return connection;
}

function initPayload(bearer: string, platform = isBrowser() ? "web" : undefined): Record<string, unknown> {
  const authorization = `Bearer ${bearer}`;
  return platform === undefined ? { authorization } : { authorization, platform };
}

function isBrowser(): boolean {
  return typeof window !== "undefined" && typeof document !== "undefined";
}

function builtInWebSocket(): WebSocketClass {
  if (typeof WebSocket !== "undefined") return WebSocket;
  throw new UserStatusError("BAD_USER_INPUT", 'no WebSocket is built in here: pass `webSocketImpl`, as of the package "ws"');
}

/** What a call is told that waited too long. */
function whyLate({ state, reason }: ConnectionState, timeout: number): UserStatusError {
  const seconds = `${timeout / 1000} s`;
  if (state === "online") return new UserStatusError("TIMEOUT", `no answer within ${seconds}`);
  if (!reason) return new UserStatusError("NO_CONNECTION", `no connection within ${seconds}`);
  return new UserStatusError(reason.reason, `no connection within ${seconds}: ${reason.message}`, reason.code, reason);
}

/** Browsers tell when there is a network again. */
function onNetworkBack(listener: () => void): () => void {
  if (!isBrowser()) return () => {};
  window.addEventListener("online", listener);
  return () => window.removeEventListener("online", listener);
}
