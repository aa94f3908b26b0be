import { agoWords } from "../demo/words.ts";

const seconds = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const minutes = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit", second: "2-digit" });

/** "10:42:30" */
export function clockWords(at: number): string {
  return seconds.format(at);
}

/** "10:45", for an axis. */
export function minuteWords(at: number): string {
  return minutes.format(at);
}

/** "10:42:30", with the day where it is not today. */
export function momentWords(moment: string, now: number): string {
  const date = new Date(moment);
  return (date.toDateString() === new Date(now).toDateString() ? seconds : day).format(date);
}

/** "5 minutes ago". A clock that is a little behind the server's makes nothing come from the future. */
export function sinceWords(moment: string, now: number): string {
  return agoWords(Math.max(0, (now - Date.parse(moment)) / 1000));
}
