import type { ReactNode } from "react";

/** Where an emoji would be. Drawn, since as a character it looks different everywhere. */
export function Smile(): ReactNode {
  return (
    <svg className="smile" viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" strokeWidth="1.6" aria-hidden="true">
      <circle cx="10" cy="10" r="8.2" />
      <path d="M6.3 12.2a4.4 4.4 0 0 0 7.4 0M7.2 7.6v.6M12.8 7.6v.6" strokeLinecap="round" />
    </svg>
  );
}
