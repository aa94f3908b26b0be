import type { ReactNode } from "react";
import { CLEAR_AFTER, type ClearAfter } from "./clearAfter.ts";
import { untilWords } from "./words.ts";

/** Choice is when to clear, or to keep the moment that is set. */
export type Choice = ClearAfter | "keep";

interface ClearAfterProps {
  readonly choice: Choice;
  /** When the text that is set is cleared; null where it isn't. */
  readonly current: string | null;
  onChoose(choice: Choice): void;
}

export function ClearAfterField({ choice, current, onChoose }: ClearAfterProps): ReactNode {
  return (
    <label className="clear-after">
      Clear after
      <select value={choice} onChange={(event) => onChoose(event.currentTarget.value as Choice)}>
        {current !== null && <option value="keep">As it is: {untilWords(current, Date.now())}</option>}
        {CLEAR_AFTER.map(({ value, words }) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
