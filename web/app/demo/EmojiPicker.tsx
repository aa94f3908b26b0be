import type { ReactNode } from "react";
import { EMOJI } from "./emoji.ts";

/** One emoji or none: pressing the chosen one takes it back. */
export function EmojiPicker({ chosen, onChoose }: { chosen: string; onChoose(emoji: string): void }): ReactNode {
  return (
    <div className="emoji" role="group" aria-label="Emoji">
      {EMOJI.map(({ emoji, name }) => (
        <button
          key={emoji}
          type="button"
          aria-label={name}
          title={name}
          aria-pressed={emoji === chosen}
          onClick={() => onChoose(emoji === chosen ? "" : emoji)}
        >
          {emoji}
        </button>
      ))}
    </div>
  );
}
