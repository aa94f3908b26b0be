import { useRef, type ReactNode } from "react";
import type { Connection } from "userstatus";
import { useUserStatuses } from "userstatus/apollo";
import { useAnnouncements } from "./announce.ts";
import { Blocked } from "./Blocked.tsx";
import { useBlocks } from "./blocks.ts";
import { isAway, useConnection } from "./connection.ts";
import type { Contacts } from "./contacts.ts";
import { Follow } from "./Follow.tsx";
import { inOrder } from "./order.ts";
import { Person, RestingPerson } from "./Person.tsx";
import { useRetries } from "./retry.ts";

interface PeopleProps {
  readonly own: string;
  readonly contacts: Contacts;
  readonly connection: Connection;
  say(sentence: string): void;
}

/** Whom one follows, and how they are. */
export function People({ own, contacts, connection, say }: PeopleProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  const { resting, retry } = useRetries();
  const view = useUserStatuses(contacts.userIDs.filter((userID) => !resting.has(userID)));
  const away = isAway(useConnection(connection));
  const blocks = useBlocks(say);
  useAnnouncements(view, say);
  const unfollow = (userID: string): void => {
    contacts.remove(userID);
    say(`${userID} is off your list.`);
    heading.current?.focus(); // the button that had the focus is gone
  };
  const retryOne = (userID: string): void => {
    retry(userID);
    heading.current?.focus();
  };

  const unblock = (userID: string): void => {
    blocks.unblock(userID);
    heading.current?.focus();
  };

  const online = view.statuses.filter(({ statusType }) => statusType === "ONLINE").length;
  const failed = new Set(view.failures.map(({ userID }) => userID));
  return (
    <section className="card people" aria-labelledby="people">
      <header>
        <h2 id="people" ref={heading} tabIndex={-1}>
          People
        </h2>
        <p className="faint">{view.loading && !away ? "" : counted(online, contacts.userIDs.length, away)}</p>
      </header>
      <Follow own={own} contacts={contacts} say={say} />
      <p className="problem" role="alert">
        {blocks.problem}
      </p>
      {contacts.userIDs.length === 0 && <Nobody />}
      <ul aria-labelledby="people">
        {inOrder(view.statuses, failed).map(({ userID }) => (
          <Person
            key={userID}
            userID={userID}
            isBlocked={blocks.userIDs?.includes(userID)}
            onUnfollow={unfollow}
            onRetry={retryOne}
            onBlock={blocks.block}
            onUnblock={blocks.unblock}
          />
        ))}
        {[...resting].map((userID) => contacts.userIDs.includes(userID) && <RestingPerson key={userID} userID={userID} />)}
      </ul>
      <Blocked userIDs={blocks.userIDs ?? []} onUnblock={unblock} />
    </section>
  );
}

function counted(online: number, all: number, away: boolean): string {
  if (all === 0) return "";
  return away ? "as last known" : `${online} of ${all} online`;
}

function Nobody(): ReactNode {
  return (
    <div className="nobody">
      <p>
        <strong>Nobody here yet</strong>
      </p>
      <p className="faint">Follow somebody by their user ID, and see here whether they are online and what they say.</p>
    </div>
  );
}
