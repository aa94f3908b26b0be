import type { ReactNode } from "react";
import type { Presence } from "./words.ts";

/** A presence as a shape and a colour; the words beside it say the same. */
export function Dot({ presence }: { presence: Presence }): ReactNode {
  return (
    <svg className={`dot ${presence}`} viewBox="0 0 12 12" aria-hidden="true">
      <Shape presence={presence} />
    </svg>
  );
}

function Shape({ presence }: { presence: Presence }): ReactNode {
  switch (presence) {
    case "online":
      return <circle cx="6" cy="6" r="5.5" fill="currentColor" />;
    case "away":
      return <path d="M5.2 0.9a5.3 5.3 0 1 0 6 6.4A4.6 4.6 0 0 1 5.2 0.9z" fill="currentColor" />;
    case "busy":
      return <path fillRule="evenodd" d="M6 0.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM3.2 5.1v1.8h5.6V5.1z" fill="currentColor" />;
    case "offline":
      return <circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" strokeWidth="2" />;
    case "signed-out":
      return <path d="M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM2.9 9.1l6.2-6.2" fill="none" stroke="currentColor" strokeWidth="1.6" />;
    case "unknown":
      return <circle cx="6" cy="6" r="4.7" fill="none" stroke="currentColor" strokeWidth="1.6" strokeDasharray="1.8 1.9" />;
  }
}
