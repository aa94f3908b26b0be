import { expiresIn, untilTomorrow } from "userstatus";

/** ClearAfter is when a text is to be cleared, as people choose it. */
export type ClearAfter = "never" | "30m" | "1h" | "4h" | "tomorrow";

export const CLEAR_AFTER: readonly { readonly value: ClearAfter; readonly words: string }[] = [
  { value: "never", words: "Don’t clear" },
  { value: "30m", words: "30 minutes" },
  { value: "1h", words: "1 hour" },
  { value: "4h", words: "4 hours" },
  { value: "tomorrow", words: "Until tomorrow" },
];

/** The moment that was chosen, or null for none; tomorrow begins at midnight where the person is. */
export function clearAt(choice: ClearAfter, now: Date): Date | null {
  switch (choice) {
    case "never":
      return null;
    case "30m":
      return expiresIn({ minutes: 30 }, now);
    case "1h":
      return expiresIn({ hours: 1 }, now);
    case "4h":
      return expiresIn({ hours: 4 }, now);
    case "tomorrow":
      return untilTomorrow(now);
  }
}
