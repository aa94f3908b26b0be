import { useRef, useState, type FormEvent, type ReactNode } from "react";
import { useDeeds } from "../demo/deed.ts";
import { REGISTER } from "./operations.ts";
import { outcome } from "./problem.ts";
import { useDesk } from "./session.ts";

/** Makes users, before they come by themselves. */
export function Register(): ReactNode {
  const { client, say } = useDesk();
  const { problem, busy, run } = useDeeds(say);
  const input = useRef<HTMLTextAreaElement>(null);
  const [empty, setEmpty] = useState(false);
  const register = (event: FormEvent): void => {
    event.preventDefault();
    const userIDList = idsIn(input.current?.value ?? "");
    setEmpty(userIDList.length === 0);
    input.current?.focus();
    if (userIDList.length === 0) return;
    run(async () => {
      const { data } = await client.mutate({ mutation: REGISTER, variables: { userIDList } });
      const sentence = outcome(userIDList, data?.registerUsers.failureUserList ?? [], (names) => `Registered ${names}.`);
      if (input.current) input.current.value = "";
      return sentence;
    });
  };
  return (
    <details className="register" aria-label="Register users">
      <summary>Register users</summary>
      <form onSubmit={register} aria-label="Register users" noValidate>
        <label htmlFor="register">User IDs</label>
        <textarea ref={input} id="register" rows={3} autoCapitalize="none" spellCheck={false} aria-describedby="register-hint" aria-invalid={empty} />
        <p id="register-hint" className="faint">
          One a line, or with commas between; up to 100. Those who are there already stay as they are.
        </p>
        <p className="problem" role="alert">
          {empty ? "Type at least one ID." : problem}
        </p>
        <button type="submit" aria-disabled={busy}>
          {busy ? "Registering…" : "Register"}
        </button>
      </form>
    </details>
  );
}

/** The IDs of a text, each once. */
export function idsIn(text: string): string[] {
  return [...new Set(text.split(/[\n,;]+/).map((part) => part.trim()))].filter((userID) => userID !== "");
}
