import type { ReactNode } from "react";
import { useDeeds } from "../demo/deed.ts";
import { Facts } from "./Facts.tsx";
import { Friends } from "./Friends.tsx";
import { History } from "./History.tsx";
import { REGISTER, USER_DETAILS } from "./operations.ts";
import { usePaging } from "./paging.tsx";
import { usePolled } from "./polled.ts";
import { NO_SUCH_USER, outcome } from "./problem.ts";
import { Problem } from "./Problem.tsx";
import { Related } from "./Related.tsx";
import { addressOf } from "./route.ts";
import { useDesk } from "./session.ts";
import { useStore } from "./store.ts";

interface DetailsProps {
  readonly userID: string;
  /** There are more users now, or fewer. */
  onChange(): void;
}

/** All about one user, kept right while it is shown. */
export function Details({ userID, onChange }: DetailsProps): ReactNode {
  const reached = useStore(useDesk().reachable);
  const pages = { subscriptions: usePaging(20), subscribers: usePaging(20), friends: usePaging(20), blocked: usePaging(20), history: usePaging(20) };
  const { data, problem, refresh } = usePolled(USER_DETAILS, {
    userID,
    subscriptionsFirst: pages.subscriptions.first,
    subscriptionsAfter: pages.subscriptions.after,
    subscribersFirst: pages.subscribers.first,
    subscribersAfter: pages.subscribers.after,
    friendsFirst: pages.friends.first,
    friendsAfter: pages.friends.after,
    blockedFirst: pages.blocked.first,
    blockedAfter: pages.blocked.after,
    historyFirst: pages.history.first,
    historyAfter: pages.history.after,
  });
  const change = (): void => {
    refresh();
    onChange();
  };
  if (problem?.code === NO_SUCH_USER) return <Unknown userID={userID} onChange={change} />;
  const details = data?.userDetails;
  return (
    <div className={reached ? "details" : "details stale"} data-user={userID}>
      <p className="back">
        <a href={addressOf("users")}>All users</a>
      </p>
      <Facts userID={userID} details={details} onChange={change} />
      <Problem problem={problem} />
      {details && (
        <>
          <div className="lists">
            <Related name="Watches" of="users watched" what="Whom they subscribed to." list={details.subscriptions} paging={pages.subscriptions} />
            <Related name="Watched by" of="watchers" what="Who subscribed to them." list={details.subscribers} paging={pages.subscribers} />
            <Friends userID={userID} list={details.friends} paging={pages.friends} onChange={refresh} />
            <Related name="Blocked" of="blocked users" what="Who sees them offline, whatever they do." list={details.blockedUsers} paging={pages.blocked} />
          </div>
          <History changes={details.history} paging={pages.history} />
        </>
      )}
    </div>
  );
}

/** Somebody who isn't there, and may be made. */
function Unknown({ userID, onChange }: DetailsProps): ReactNode {
  const { client, say } = useDesk();
  const { problem, busy, run } = useDeeds(say);
  const register = (): void =>
    run(async () => {
      const { data } = await client.mutate({ mutation: REGISTER, variables: { userIDList: [userID] } });
      const sentence = outcome([userID], data?.registerUsers.failureUserList ?? [], (names) => `Registered ${names}.`);
      onChange();
      return sentence;
    });
  return (
    <section className="card details unknown-user" aria-labelledby="unknown" data-user={userID}>
      <p className="back">
        <a href={addressOf("users")}>All users</a>
      </p>
      <h2 id="unknown">
        There is no user {userID}
      </h2>
      <p className="faint">They never came with a token, were never registered, or were removed.</p>
      <p className="problem" role="alert">
        {problem}
      </p>
      <button type="button" aria-disabled={busy} onClick={register}>
        {busy ? "Registering…" : `Register ${userID}`}
      </button>
    </section>
  );
}
