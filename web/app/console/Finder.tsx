import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { Avatar } from "../demo/Avatar.tsx";
import { invalidID } from "../demo/ids.ts";
import { USERS } from "./operations.ts";
import { More, usePaging } from "./paging.tsx";
import { usePolled } from "./polled.ts";
import { Problem } from "./Problem.tsx";
import { Register } from "./Register.tsx";
import { addressOf } from "./route.ts";

interface FinderProps {
  readonly chosen: string | undefined;
  /** Grows when users came or went by what was done beside it. */
  readonly changes: number;
}

/** How long one types before it is looked up, in milliseconds. */
const PAUSE = 150;

/** One types an ID: those that begin with it are listed, and Enter opens it as it stands. */
export function Finder({ chosen, changes }: FinderProps): ReactNode {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const prefix = useSettled(text);
  const open = (event: FormEvent): void => {
    event.preventDefault();
    const invalid = text === "" ? "Type a user ID." : invalidID(text);
    setProblem(invalid ?? "");
    if (invalid) return input.current?.focus();
    location.hash = addressOf("users", text);
  };
  return (
    <section className="card finder" aria-label="Find users">
      <form onSubmit={open} aria-label="Look up" noValidate>
        <label htmlFor="find">User ID</label>
        <div className="line">
          <input
            ref={input}
            id="find"
            type="search"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={text}
            aria-invalid={problem !== ""}
            aria-describedby="find-hint"
            onChange={(event) => {
              setText(event.currentTarget.value);
              setProblem("");
            }}
          />
          <button className="primary" type="submit">
            Look up
          </button>
        </div>
        <p id="find-hint" className={problem ? "problem" : "faint"} role={problem ? "alert" : undefined}>
          {problem || "All of it, or its beginning."}
        </p>
      </form>
      <Found key={prefix} prefix={prefix} chosen={chosen} changes={changes} />
      <Register />
    </section>
  );
}

/** The text, once nobody has typed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

function Found({ prefix, chosen, changes }: { prefix: string; chosen: string | undefined; changes: number }): ReactNode {
  const paging = usePaging(50);
  const { data, problem, refresh } = usePolled(USERS, { prefix, first: paging.first, after: paging.after });
  useEffect(refresh, [changes]);
  const found = data?.users.edges ?? [];
  return (
    <div className="found">
      <p className="count faint" role="status">
        {data && countWords(found.length, data.users.pageInfo.hasNextPage || paging.after !== null, prefix)}
      </p>
      <Problem problem={problem} />
      <ul aria-label="Users">
        {found.map(({ node }) => (
          <li key={node}>
            <a className="found-user" href={addressOf("users", node)} aria-current={node === chosen ? "true" : undefined}>
              <Avatar userID={node} />
              <span>{node}</span>
            </a>
          </li>
        ))}
      </ul>
      {data && <More of="users" page={data.users.pageInfo} paging={paging} />}
    </div>
  );
}

function countWords(shown: number, isPart: boolean, prefix: string): string {
  const which = prefix === "" ? "" : ` whose ID begins with “${prefix}”`;
  if (shown === 0) return `No user${which}.`;
  if (isPart) return `${shown} users${which}, of more.`;
  return shown === 1 ? `One user${which}.` : `${shown} users${which}.`;
}
