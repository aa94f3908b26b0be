import type { ReactNode } from "react";
import { Avatar } from "../demo/Avatar.tsx";
import { useNow } from "../demo/clock.ts";
import { fullDate, platformWords, presenceOf, presenceWords, untilWords } from "../demo/words.ts";
import { Deeds } from "./Deeds.tsx";
import { momentWords, sinceWords } from "./times.ts";
import type { UserDetails, UserSession } from "./types.ts";

interface FactsProps {
  readonly userID: string;
  /** Undefined until the server told them. */
  readonly details: UserDetails | undefined;
  onChange(): void;
}

const VISIBLE = { EVERYONE: "To everyone, but whom they blocked", FRIENDS: "To friends alone", NOBODY: "To nobody" } as const;
const AVAILABLE = { AVAILABLE: "Available", AWAY: "Away", BUSY: "Busy" } as const;

/** Who somebody is, how they are, and what may be done about it. */
export function Facts({ userID, details, onChange }: FactsProps): ReactNode {
  const presence = details && presenceOf(details.status);
  return (
    <section className="card facts-card" aria-labelledby="user">
      <header>
        <Avatar userID={userID} presence={presence ?? "unknown"} />
        <div>
          <h2 id="user">{userID}</h2>
          <p className={`presence ${presence ?? "unknown"}`}>
            {details ? presenceWords(details.status) : "Loading…"}
            {details && <Since details={details} />}
          </p>
        </div>
      </header>
      {details && <List details={details} />}
      {details && <Deeds userID={userID} details={details} onChange={onChange} />}
    </section>
  );
}

function Since({ details: { statusSince } }: { details: UserDetails }): ReactNode {
  const now = useNow();
  if (statusSince === null) return null;
  return (
    <time className="faint" dateTime={statusSince} title={fullDate(statusSince)}>
      {" "}
      since {momentWords(statusSince, now)}
    </time>
  );
}

function List({ details: { status, visibility, sessions } }: { details: UserDetails }): ReactNode {
  const now = useNow();
  const { customStatus, customStatusExpiresAt, availability, lastOnlineAt, statusType, version } = status;
  return (
    <dl className="facts-list">
      <Fact name="Custom status">
        {customStatus === "" ? <span className="faint">None</span> : <q className="text">{customStatus}</q>}
        {customStatusExpiresAt !== null && <span className="faint"> {untilWords(customStatusExpiresAt, now)}</span>}
      </Fact>
      <Fact name="Availability">{AVAILABLE[availability]}</Fact>
      <Fact name="Visible">{VISIBLE[visibility]}</Fact>
      <Fact name="Last online">
        {statusType === "ONLINE" ? "Now" : lastOnlineAt === null ? "Never" : <time dateTime={lastOnlineAt} title={fullDate(lastOnlineAt)}>{sinceWords(lastOnlineAt, now)}</time>}
      </Fact>
      <Fact name="Sessions">{sessions.length === 0 ? <span className="faint">None</span> : <Sessions sessions={sessions} />}</Fact>
      <Fact name="Version">{version}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** One for each node, however many connections it is made of. */
function Sessions({ sessions }: { sessions: readonly UserSession[] }): ReactNode {
  return (
    <ul aria-label="Sessions">
      {sessions.map(({ node, platforms, idle }) => (
        <li key={node}>
          {platformWords(platforms) || "on a platform without a name"}
          <span className="faint">
            {" "}
            at node {node}
            {idle && ", idle"}
          </span>
        </li>
      ))}
    </ul>
  );
}
