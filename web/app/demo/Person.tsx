import type { ReactNode } from "react";
import type { UserStatus } from "userstatus";
import { useUserStatus } from "userstatus/apollo";
import { Avatar } from "./Avatar.tsx";
import { useNow } from "./clock.ts";
import { failureWords, isRefused } from "./failure.ts";
import { LastSeen } from "./LastSeen.tsx";
import { platformWords, presenceOf, presenceWords, untilWords } from "./words.ts";

interface PersonProps {
  readonly userID: string;
  onUnfollow(userID: string): void;
  onRetry(userID: string): void;
}

/** A row of the list: how somebody is, live for as long as it is shown. */
export function Person({ userID, onUnfollow, onRetry }: PersonProps): ReactNode {
  const view = useUserStatus(userID);
  const unfollow = (): void => onUnfollow(userID);
  if (view.failure && isRefused(view)) {
    return <RefusedPerson userID={userID} why={failureWords(view.failure)} onRetry={() => onRetry(userID)} onRemove={unfollow} />;
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
          {view.stale && <span className="old">as last known</span>}
        </p>
        {view.status.version === 0 && view.failure && <p className="faint">{failureWords(view.failure)}</p>}
      </div>
      <button className="quiet unfollow" type="button" onClick={unfollow} title={`Unfollow ${userID}`} aria-label={`Unfollow ${userID}`}>
        <span>Unfollow</span>
        <svg viewBox="0 0 16 16" width="16" height="16" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" aria-hidden="true">
          <path d="M3.5 3.5l9 9m0-9l-9 9" />
        </svg>
      </button>
    </li>
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
