import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { userQuery, type DemoUser } from "../playground/demo.ts";
import { userAddress } from "./address.ts";
import { Avatar } from "./Avatar.tsx";
import { pastedIdentity, type Identity } from "./identity.ts";

interface SignInProps {
  readonly demoUsers: readonly DemoUser[];
  /** Why one is here again, in words; empty where that needs none. */
  readonly notice: string;
  onSignIn(identity: Identity): void;
}

/** In development mode one picks who one is; elsewhere one pastes a token that the app's backend signed. */
export function SignIn({ demoUsers, notice, onSignIn }: SignInProps): ReactNode {
  return (
    <main className="sign-in">
      <img src="/favicon.svg" alt="" width="52" height="52" />
      <h1>Who is here?</h1>
      {demoUsers.length > 0 ? <ChooseUser users={demoUsers} /> : <PasteToken onSignIn={onSignIn} />}
      {notice && (
        <p className="notice" role="alert">
          {notice}
        </p>
      )}
      <p className="faint">
        <a href="/">userstatus</a>: presence and custom statuses, live
      </p>
    </main>
  );
}

/** Links, so that one can open a second person in a tab beside. */
function ChooseUser({ users }: { users: readonly DemoUser[] }): ReactNode {
  return (
    <div className="choices">
      <p className="lead">
        Choose who you are. Open a second tab as somebody else, and see each other.
      </p>
      <ul aria-label="Who you can be">
        {users.map((user) => (
          <li key={userQuery(user)}>
            <a className="choice" href={userAddress(user, location.search)}>
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

function PasteToken({ onSignIn }: { onSignIn(identity: Identity): void }): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  const [refused, setRefused] = useState(false);
  useEffect(() => input.current?.focus(), []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const identity = pastedIdentity(input.current?.value ?? "");
    setRefused(!identity);
    if (identity) onSignIn(identity);
    else input.current?.focus();
  };
  return (
    <form className="paste" aria-label="Sign in" onSubmit={submit} noValidate>
      <label htmlFor="token">Token</label>
      <p id="token-hint" className="faint">
        A JWT that your backend signed. With a shared secret, <code>userstatus token --user alice</code> prints one.
      </p>
      <input
        ref={input}
        id="token"
        name="token"
        autoComplete="off"
        spellCheck={false}
        aria-invalid={refused}
        aria-describedby={refused ? "token-hint token-problem" : "token-hint"}
      />
      {refused && (
        <p id="token-problem" className="problem" role="alert">
          That is not a JWT with a sub.
        </p>
      )}
      <button className="primary" type="submit">
        Sign in
      </button>
    </form>
  );
}
