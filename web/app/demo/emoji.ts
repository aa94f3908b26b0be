/** The emoji to choose from, and how they are called. */
export const EMOJI: readonly { readonly emoji: string; readonly name: string }[] = [
  { emoji: "📅", name: "Calendar" },
  { emoji: "🎧", name: "Headphones" },
  { emoji: "💻", name: "Laptop" },
  { emoji: "🍵", name: "Tea" },
  { emoji: "🍜", name: "Noodles" },
  { emoji: "🏠", name: "House" },
  { emoji: "🚆", name: "Train" },
  { emoji: "🌴", name: "Palm tree" },
  { emoji: "🤒", name: "Ill" },
  { emoji: "🏃", name: "Runner" },
  { emoji: "🎉", name: "Party" },
  { emoji: "🙏", name: "Thanks" },
];

/** A text as one writes it: the emoji apart. */
export interface Draft {
  readonly emoji: string;
  readonly text: string;
}

/** The server's limit of a text, in bytes of UTF-8. */
export const MAX_STATUS = 100;

export function splitStatus(customStatus: string): Draft {
  const emoji = EMOJI.find(({ emoji }) => customStatus === emoji || customStatus.startsWith(`${emoji} `))?.emoji ?? "";
  return { emoji, text: customStatus.slice(emoji.length).trimStart() };
}

/** What is sent: the emoji in front. */
export function joinStatus({ emoji, text }: Draft): string {
  return [emoji, text.trim()].filter((part) => part !== "").join(" ");
}
