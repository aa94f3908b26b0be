import { createServer, connect, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { WebSocket } from "ws";
import { atEnd } from "./cleanup.ts";
import { createFeed, type Feed } from "./feed.ts";
import type { Frame } from "./socket.ts";

/** What clients of the package say, and how often they open a socket. */
export interface Wire {
  readonly webSocketImpl: typeof WebSocket;
  readonly said: Feed<Frame>;
  readonly opened: Feed<string>;
  /** The names of the operations that were started. */
  operations(): string[];
  /** Resolves once an operation of that name was started. */
  operation(name: string): Promise<Frame>;
  /** Resolves once the next operation of that name was answered. */
  answered(name: string): Promise<void>;
}

export function createWire(): Wire {
  const said = createFeed<Frame>();
  const heard = createFeed<Frame>();
  const opened = createFeed<string>();
  const operation = (name: string): Promise<Frame> => said.until(`a ${name}`, (frame) => isStart(frame) && nameOf(frame) === name);
  const webSocketImpl = class extends WebSocket {
    constructor(url: string, protocol: string) {
      super(url, protocol);
      opened.push(url);
      this.on("message", (data) => heard.push(JSON.parse(data.toString()) as Frame));
    }
    override send(data: string): void {
      said.push(JSON.parse(data) as Frame);
      super.send(data);
    }
  };
  return {
    webSocketImpl: webSocketImpl as unknown as typeof WebSocket,
    said,
    opened,
    operations: () => said.all.filter(isStart).map(nameOf),
    operation,
    async answered(name) {
      const { id } = await operation(name);
      await heard.until(`the end of ${name}`, (frame) => frame.type === "complete" && frame.id === id);
    },
  };
}

const isStart = ({ type }: Frame): boolean => type === "subscribe";

function nameOf({ payload }: Frame): string {
  const { query } = payload as { query: string };
  return /(?:query|mutation|subscription) (\w+)/.exec(query)?.[1] ?? "";
}

/** A way to the server that can be cut and mended, while the server lives on. */
export interface Way {
  readonly url: string;
  /** Ends all connections, and refuses others. */
  cut(): void;
  mend(): void;
}

export async function openWay(serverURL: string): Promise<Way> {
  const { hostname, port } = new URL(serverURL);
  const sockets = new Set<Socket>();
  let isCut = false;
  const keep = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => other.destroy());
    socket.on("close", () => {
      sockets.delete(socket);
      other.destroy();
    });
    socket.pipe(other);
  };
  const listener = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(Number(port), hostname);
    keep(near, far);
    keep(far, near);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  atEnd(() => {
    cut();
    listener.close();
  });
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    cut,
    mend() {
      isCut = false;
    },
  };
}
