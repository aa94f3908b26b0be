/** The other tabs of this browser that share the user's subscriptions. */
export interface Tabs {
  open(): void;
  /** Tells them that subscriptions were cancelled, so that those who need them subscribe again. */
  gaveBack(userIDs: readonly string[]): void;
  close(): void;
}

const CHANNEL = "userstatus";

/** Does nothing where there is no BroadcastChannel: there is one tab then, as far as we know. */
export function createTabs(onGaveBack: (userIDs: readonly string[]) => void): Tabs {
  let channel: BroadcastChannel | undefined;
  return {
    open() {
      if (channel || typeof BroadcastChannel === "undefined") return;
      channel = new BroadcastChannel(CHANNEL);
      channel.onmessage = ({ data }: MessageEvent<unknown>) => onGaveBack(userIDsOf(data));
      unref(channel);
    },
    gaveBack: (userIDs) => channel?.postMessage({ gaveBack: userIDs }),
    close() {
      channel?.close();
      channel = undefined;
    },
  };
}

/** Other versions of this package may say other things. */
function userIDsOf(data: unknown): readonly string[] {
  if (typeof data !== "object" || data === null || !("gaveBack" in data) || !Array.isArray(data.gaveBack)) return [];
  return data.gaveBack.filter((userID) => typeof userID === "string");
}

/** Node's would keep the process alive. */
function unref(channel: BroadcastChannel & { unref?: () => void }): void {
  channel.unref?.();
}
