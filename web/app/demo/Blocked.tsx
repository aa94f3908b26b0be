import type { ReactNode } from "react";
import { Avatar } from "./Avatar.tsx";

/** Everybody one has blocked, also those who are not on the list. */
export function Blocked({ userIDs, onUnblock }: { userIDs: readonly string[]; onUnblock(userID: string): void }): ReactNode {
  if (userIDs.length === 0) return null;
  return (
    <details className="blocked-people" aria-label="Blocked">
      <summary>Blocked: {userIDs.length}</summary>
      <p className="faint">They see you offline, whatever you do.</p>
      <ul aria-label="Blocked people">
        {userIDs.map((userID) => (
          <li key={userID}>
            <Avatar userID={userID} />
            <strong>{userID}</strong>
            <button type="button" onClick={() => onUnblock(userID)} aria-label={`Unblock ${userID}`}>
              Unblock
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
