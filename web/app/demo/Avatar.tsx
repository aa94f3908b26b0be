import type { ReactNode } from "react";
import { Dot } from "./Dot.tsx";
import type { Presence } from "./words.ts";

const HUES = 8;

/** Stands for a picture: the first letter on a colour that is the user's own. */
export function Avatar({ userID, presence }: { userID: string; presence?: Presence }): ReactNode {
  return (
    <span className={`avatar hue-${hueOf(userID)}`} aria-hidden="true">
      {[...userID][0]?.toUpperCase()}
      {presence && <Dot presence={presence} />}
    </span>
  );
}

function hueOf(userID: string): number {
  return [...userID].reduce((sum, letter) => (sum * 53 + (letter.codePointAt(0) ?? 0)) % 9973, 7) % HUES;
}
