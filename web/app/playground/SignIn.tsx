import { useState, type FormEvent, type ReactNode } from "react";
import { userQuery, type Demo, type DemoUser } from "./demo.ts";
import { readClaims, type Claims } from "./session.ts";

const nameOf = (user: DemoUser): string => (user.admin && user.userID !== "admin" ? `${user.userID} (admin)` : user.userID);

/** Development mode: one picks who one is. */
export function ChooseUser(props: { demo: Demo; user: DemoUser; onChoose(user: DemoUser): void }): ReactNode {
  const { users } = props.demo;
  return (
    <label className="sign-in">
      Signed in as
      <select
        value={userQuery(props.user)}
        onChange={(event) => {
          const chosen = users[event.currentTarget.selectedIndex];
          if (chosen) props.onChoose(chosen);
        }}
      >
        {users.map((user) => (
          <option key={userQuery(user)} value={userQuery(user)}>
            {nameOf(user)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Elsewhere: one pastes a token that the app's backend signed. */
export function PasteToken(props: { token: string; onToken(token: string): void }): ReactNode {
  const claims = readClaims(props.token);
  if (claims) return <SignedIn claims={claims} onSignOut={() => props.onToken("")} />;
  return <TokenForm onToken={props.onToken} />;
}

function SignedIn(props: { claims: Claims; onSignOut(): void }): ReactNode {
  const { sub, role, exp } = props.claims;
  return (
    <div className="sign-in">
      <span>
        Signed in as <strong>{sub}</strong>
        {role === "admin" && " (admin)"}
        {exp !== undefined && <span className="until"> until {new Date(exp * 1000).toLocaleTimeString()}</span>}
      </span>
      <button type="button" onClick={props.onSignOut}>
        Sign out
      </button>
    </div>
  );
}

function TokenForm(props: { onToken(token: string): void }): ReactNode {
  const [draft, setDraft] = useState("");
  const [refused, setRefused] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const token = draft.trim().replace(/^Bearer\s+/i, "");
    setRefused(!readClaims(token));
    if (readClaims(token)) props.onToken(token);
  };
  return (
    <form className="sign-in" onSubmit={submit}>
      <label>
        Token
        <input
          name="token"
          value={draft}
          onChange={(event) => setDraft(event.currentTarget.value)}
          placeholder="a JWT signed by your backend"
          autoComplete="off"
          spellCheck={false}
          required
          aria-invalid={refused}
        />
      </label>
      <button type="submit">Sign in</button>
      {refused && <span role="alert">That is not a JWT with a sub.</span>}
    </form>
  );
}
