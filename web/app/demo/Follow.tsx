import { useRef, useState, type FormEvent, type ReactNode } from "react";
import type { Contacts } from "./contacts.ts";
import { parseIDs } from "./ids.ts";

interface FollowProps {
  /** One's own ID, which one can't follow. */
  readonly own: string;
  readonly contacts: Contacts;
  say(sentence: string): void;
}

/** Follows people by their IDs. What the server says of each is shown in their row. */
export function Follow({ own, contacts, say }: FollowProps): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  const [problems, setProblems] = useState<readonly string[]>([]);
  const [invalid, setInvalid] = useState(false);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!input.current) return;
    const parsed = parseIDs(input.current.value, own, contacts.userIDs);
    setProblems(parsed.problems);
    setInvalid(parsed.userIDs.length === 0);
    input.current.focus();
    if (parsed.userIDs.length === 0) return;
    contacts.add(parsed.userIDs);
    say(`Following ${parsed.userIDs.join(", ")}.`);
    input.current.value = "";
  };
  return (
    <form className="follow" aria-label="Follow" onSubmit={submit} noValidate>
      <label htmlFor="follow">Follow people</label>
      <div className="line">
        <input
          ref={input}
          id="follow"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          aria-invalid={invalid}
          aria-describedby={problems.length > 0 ? "follow-hint follow-problems" : "follow-hint"}
          onInput={() => {
            setProblems([]);
            setInvalid(false);
          }}
        />
        <button className="primary" type="submit">
          Follow
        </button>
      </div>
      <p id="follow-hint" className="faint">
        A user ID, or several with spaces between.
      </p>
      <div id="follow-problems" role="alert">
        {problems.map((problem) => (
          <p key={problem} className="problem">
            {problem}
          </p>
        ))}
      </div>
    </form>
  );
}
