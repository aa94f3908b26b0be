const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** ClearAfter is when a text is to be cleared, as people choose it. */
export type ClearAfter = "never" | "30m" | "1h" | "4h" | "today";

export const CLEAR_AFTER: readonly { readonly value: ClearAfter; readonly words: string }[] = [
  { value: "never", words: "Don’t clear" },
  { value: "30m", words: "30 minutes" },
  { value: "1h", words: "1 hour" },
  { value: "4h", words: "4 hours" },
  { value: "today", words: "Today" },
];

/** The moment that was chosen, or null for none; today ends at midnight where the person is. */
export function clearAt(choice: ClearAfter, now: Date): Date | null {
  switch (choice) {
    case "never":
      return null;
    case "30m":
      return new Date(now.getTime() + 30 * MINUTE);
    case "1h":
      return new Date(now.getTime() + HOUR);
    case "4h":
      return new Date(now.getTime() + 4 * HOUR);
    case "today":
      return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
  }
}
