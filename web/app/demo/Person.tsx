import type { ReactNode } from "react";
import type { UserStatus } from "userstatus";
import { useUserStatus } from "userstatus/apollo";
import { Avatar } from "./Avatar.tsx";
import { useNow } from "./clock.ts";
import { failureWords, isRefused } from "./failure.ts";
import { LastSeen } from "./LastSeen.tsx";
import { Menu } from "./Menu.tsx";
import { platformWords, presenceOf, presenceWords, untilWords } from "./words.ts";

interface PersonProps {
  readonly userID: string;
  /** Undefined while it isn't known. */
  readonly isBlocked: boolean | undefined;
  onUnfollow(userID: string): void;
  onRetry(userID: string): void;
  onBlock(userID: string): void;
  onUnblock(userID: string): void;
}

/** A row of the list: how somebody is, live for as long as it is shown. */
export function Person(props: PersonProps): ReactNode {
  const { userID, isBlocked, onUnfollow, onRetry } = props;
  const view = useUserStatus(userID);
  if (view.failure && isRefused(view)) {
    return <RefusedPerson userID={userID} why={failureWords(view.failure)} onRetry={() => onRetry(userID)} onRemove={() => onUnfollow(userID)} />;
  }
  if (view.loading) return <LoadingPerson userID={userID} />;
  const presence = presenceOf(view.status);
  return (
    <li className={view.stale ? "person stale" : "person"} data-user={userID}>
      <Avatar userID={userID} presence={presence} />
      <div className="about">
        <p className="name">
          <strong>{userID}</strong>
          <Saying status={view.status} />
        </p>
        <p className="facts">
          <span className={`presence ${presence}`}>{presenceWords(view.status)}</span>
          <Details status={view.status} />
          {isBlocked && <span className="blocked">blocked</span>}
          {view.stale && <span className="old">as last known</span>}
        </p>
        {view.status.version === 0 && view.failure && <p className="faint">{failureWords(view.failure)}</p>}
      </div>
      <PersonMenu {...props} />
    </li>
  );
}

function PersonMenu({ userID, isBlocked, onUnfollow, onBlock, onUnblock }: PersonProps): ReactNode {
  const block = { name: `Block ${userID}`, hint: "They see you offline, and are not told.", onChoose: () => onBlock(userID) };
  const unblock = { name: `Unblock ${userID}`, hint: "They may see you again.", onChoose: () => onUnblock(userID) };
  const unfollow = { name: `Unfollow ${userID}`, onChoose: () => onUnfollow(userID) };
  const items = isBlocked === undefined ? [unfollow] : [unfollow, isBlocked ? unblock : block];
  return (
    <Menu label={userID} buttonLabel={`Options for ${userID}`} className="quiet more" items={items}>
      <svg viewBox="0 0 20 20" width="20" height="20" fill="currentColor" aria-hidden="true">
        <circle cx="4" cy="10" r="1.7" />
        <circle cx="10" cy="10" r="1.7" />
        <circle cx="16" cy="10" r="1.7" />
      </svg>
    </Menu>
  );
}

function Details({ status: { platforms, lastOnlineAt, statusType } }: { status: UserStatus }): ReactNode {
  if (statusType === "ONLINE") return platforms.length > 0 && <span>{platformWords(platforms)}</span>;
  return lastOnlineAt !== null && <LastSeen moment={lastOnlineAt} />;
}

function Saying({ status: { customStatus, customStatusExpiresAt } }: { status: UserStatus }): ReactNode {
  const now = useNow();
  if (customStatus === "") return null;
  return (
    <span className="saying">
      {customStatus}
      {customStatusExpiresAt !== null && <span className="until"> {untilWords(customStatusExpiresAt, now)}</span>}
    </span>
  );
}

function LoadingPerson({ userID }: { userID: string }): ReactNode {
  return (
    <li className="person loading" data-user={userID} aria-busy="true">
      <Avatar userID={userID} />
      <div className="about">
        <p className="name">
          <strong>{userID}</strong>
        </p>
        <p className="facts">
          <span className="unseen">Loading…</span>
          <span className="bone" />
        </p>
      </div>
    </li>
  );
}

/** One who is about to be asked for again. */
export function RestingPerson({ userID }: { userID: string }): ReactNode {
  return (
    <li className="person refused" data-user={userID} aria-busy="true">
      <Avatar userID={userID} />
      <div className="about">
        <p className="name">
          <strong>{userID}</strong>
        </p>
        <p className="facts">Trying again…</p>
      </div>
    </li>
  );
}

function RefusedPerson(props: { userID: string; why: string; onRetry(): void; onRemove(): void }): ReactNode {
  const { userID, why, onRetry, onRemove } = props;
  return (
    <li className="person refused" data-user={userID}>
      <Avatar userID={userID} />
      <div className="about">
        <p className="name">
          <strong>{userID}</strong>
        </p>
        <p className="facts problem">{why}</p>
      </div>
      <div className="remedies">
        <button type="button" onClick={onRetry} aria-label={`Try ${userID} again`}>
          Try again
        </button>
        <button className="quiet" type="button" onClick={onRemove} aria-label={`Take ${userID} off the list`}>
          Remove
        </button>
      </div>
    </li>
  );
}
