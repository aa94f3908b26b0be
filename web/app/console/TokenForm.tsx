import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { pastedIdentity, type Identity } from "../demo/identity.ts";

interface TokenFormProps {
  readonly busy: boolean;
  onIdentity(identity: Identity): void;
}

/** Takes a token; whether it is an admin's the server says. */
export function TokenForm({ busy, onIdentity }: TokenFormProps): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  const [refused, setRefused] = useState(false);
  useEffect(() => input.current?.focus(), []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (busy) return;
    const identity = pastedIdentity(input.current?.value ?? "");
    setRefused(!identity);
    if (identity) onIdentity(identity);
    else input.current?.focus();
  };
  return (
    <form className="paste" aria-label="Sign in" onSubmit={submit} noValidate>
      <label htmlFor="token">An admin’s token</label>
      <p id="token-hint" className="faint">
        A JWT with <code>role: "admin"</code>. With a shared secret, <code>userstatus token --user you --role admin</code> prints one.
      </p>
      <input
        ref={input}
        id="token"
        type="password"
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
      <button className="primary" type="submit" aria-disabled={busy}>
        {busy ? "Signing in…" : "Sign in"}
      </button>
    </form>
  );
}
