import { useState, type ReactNode } from "react";
import type { DemoUser } from "../playground/demo.ts";
import { Banner } from "./Banner.tsx";
import { useContacts } from "./contacts.ts";
import { Me } from "./Me.tsx";
import { People } from "./People.tsx";
import type { Session } from "./session.ts";
import { TopBar } from "./TopBar.tsx";

interface HomeProps {
  readonly session: Session;
  readonly demoUsers: readonly DemoUser[];
  onSignOut(): Promise<void>;
}

/** Oneself, and the people one follows. */
export function Home({ session, demoUsers, onSignOut }: HomeProps): ReactNode {
  const { connection, identity } = session;
  const others = demoUsers.filter(({ userID, admin }) => !admin && userID !== identity.userID);
  const contacts = useContacts(identity.userID, others.map(({ userID }) => userID));
  const [said, say] = useState("");
  return (
    <>
      <TopBar connection={connection} onSignOut={onSignOut} />
      <Banner connection={connection} />
      <main className="home">
        <Me userID={identity.userID} connection={connection} say={say} />
        <People own={identity.userID} contacts={contacts} connection={connection} say={say} />
      </main>
      <p className="unseen" role="log" aria-label="Changes">
        {said}
      </p>
    </>
  );
}
