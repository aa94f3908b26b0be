import type { ReactNode } from "react";
import { Avatar } from "../demo/Avatar.tsx";
import type { Identity } from "../demo/identity.ts";
import { userQuery, type DemoUser } from "../playground/demo.ts";
import { TokenForm } from "./TokenForm.tsx";

interface SignInProps {
  readonly demoUsers: readonly DemoUser[];
  /** Why one is here, in words; empty where that needs none. */
  readonly notice: string;
  /** While the server looks at a token. */
  readonly judging: boolean;
  onSignIn(identity: Identity): void;
}

/** In development mode one is an admin at a click; elsewhere one pastes a token. */
export function SignIn({ demoUsers, notice, judging, onSignIn }: SignInProps): ReactNode {
  const admins = demoUsers.filter(({ admin }) => admin);
  return (
    <main className="sign-in">
      <img src="/favicon.svg" alt="" width="52" height="52" />
      <h1>Console</h1>
      {admins.length > 0 ? <ChooseAdmin admins={admins} judging={judging} /> : <TokenForm busy={judging} onIdentity={onSignIn} />}
      {notice && (
        <p className="notice" role="alert">
          {notice}
        </p>
      )}
      <p className="faint">
        <a href="/">userstatus</a>: how the service fares, and what an admin may do
      </p>
    </main>
  );
}

function ChooseAdmin({ admins, judging }: { admins: readonly DemoUser[]; judging: boolean }): ReactNode {
  return (
    <div className="choices">
      <p className="lead">{judging ? "Signing in…" : "This server is in development mode: no password is needed."}</p>
      <ul aria-label="Admins you can be">
        {admins.map((user) => (
          <li key={userQuery(user)}>
            <a className="choice" href={`?${new URLSearchParams({ user: user.userID })}${location.hash}`}>
              <Avatar userID={user.userID} />
              <span>
                Sign in as <strong>{user.userID}</strong>
              </span>
              <span className="arrow" aria-hidden="true" />
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}
