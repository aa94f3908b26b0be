import { useState, type ReactNode } from "react";
import type { Connection } from "userstatus";
import { useConnection } from "./connection.ts";

const WORDS = { connecting: "Connecting…", online: "Connected", offline: "Offline", ended: "Offline" } as const;

export function TopBar({ connection, onSignOut }: { connection: Connection; onSignOut(): Promise<void> }): ReactNode {
  const { state } = useConnection(connection);
  const [leaving, setLeaving] = useState(false);
  const signOut = (): void => {
    setLeaving(true);
    void onSignOut();
  };
  return (
    <header className="top">
      <div>
        <a className="brand" href="/">
          <img src="/favicon.svg" alt="" width="24" height="24" />
          userstatus
        </a>
        <span className={`connection ${state}`}>{WORDS[state]}</span>
        <button type="button" onClick={signOut} aria-disabled={leaving}>
          {leaving ? "Signing out…" : "Sign out"}
        </button>
      </div>
    </header>
  );
}
