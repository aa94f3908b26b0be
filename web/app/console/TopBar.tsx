import type { ReactNode } from "react";
import { TITLES } from "./Console.tsx";
import { addressOf, type Section } from "./route.ts";

interface TopBarProps {
  readonly section: Section;
  readonly admin: string;
  onSignOut(): void;
}

export function TopBar({ section, admin, onSignOut }: TopBarProps): ReactNode {
  return (
    <header className="top">
      <div>
        <a className="brand" href="/">
          <img src="/favicon.svg" alt="" width="24" height="24" />
          <span>userstatus</span>
        </a>
        <nav aria-label="Sections">
          {(Object.keys(TITLES) as Section[]).map((name) => (
            <a key={name} href={addressOf(name)} aria-current={name === section ? "page" : undefined}>
              {TITLES[name]}
            </a>
          ))}
        </nav>
        <span className="admin">
          <span className="unseen">Signed in as </span>
          {admin}
        </span>
        <button type="button" onClick={onSignOut}>
          Sign out
        </button>
      </div>
    </header>
  );
}
