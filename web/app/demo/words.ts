import type { UserStatus } from "userstatus";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const list = new Intl.ListFormat("en", { type: "conjunction" });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const dayAndClock = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

/** Presence is what a dot looks like and is called: what is shown of a status type and an availability. */
export type Presence = "online" | "away" | "busy" | "offline" | "signed-out" | "unknown";

export function presenceOf({ statusType, availability }: UserStatus): Presence {
  switch (statusType) {
    case "ONLINE":
      return availability === "AWAY" ? "away" : availability === "BUSY" ? "busy" : "online";
    case "OFFLINE":
      return "offline";
    case "UNLOGINED":
      return "signed-out";
    default:
      return "unknown";
  }
}

/** "Online", "Online, away", "Offline, busy", "Signed out", … */
export function presenceWords(status: UserStatus): string {
  const { statusType, availability } = status;
  const words = typeWords(status);
  return availability === "AVAILABLE" || statusType === "UNKNOWN" ? words : `${words}, ${availability.toLowerCase()}`;
}

function typeWords({ statusType, lastOnlineAt }: UserStatus): string {
  if (statusType === "ONLINE") return "Online";
  if (statusType === "OFFLINE") return "Offline";
  if (statusType === "UNKNOWN") return "Not known yet";
  return lastOnlineAt === null ? "Never signed in" : "Signed out";
}

const PLATFORMS: Readonly<Record<string, string>> = {
  web: "web",
  ios: "iOS",
  android: "Android",
  macos: "macOS",
  windows: "Windows",
  linux: "Linux",
};

/** "on Android and web"; "" where none is named. */
export function platformWords(platforms: readonly string[]): string {
  return platforms.length === 0 ? "" : `on ${list.format(platforms.map((platform) => PLATFORMS[platform] ?? platform))}`;
}

/** "last seen 5 minutes ago". A clock that is a little behind the server's makes nobody come from the future. */
export function lastSeenWords(lastOnlineAt: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(lastOnlineAt)) / 1000);
  return `last seen ${agoWords(seconds)}`;
}

/** "just now", "5 minutes ago", "yesterday", … */
export function agoWords(seconds: number): string {
  if (seconds < MINUTE) return "just now";
  if (seconds < HOUR) return relative.format(-Math.floor(seconds / MINUTE), "minute");
  if (seconds < DAY) return relative.format(-Math.floor(seconds / HOUR), "hour");
  return relative.format(-Math.floor(seconds / DAY), "day");
}

/** The whole date, for titles. */
export function fullDate(moment: string): string {
  return full.format(new Date(moment));
}

/** "until 14:30", with the day where it is not today. */
export function untilWords(moment: string, now: number): string {
  const date = new Date(moment);
  const today = new Date(now).toDateString() === date.toDateString();
  return `until ${(today ? clock : dayAndClock).format(date)}`;
}
