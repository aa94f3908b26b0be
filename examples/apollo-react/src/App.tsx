import { useMutation } from "@apollo/client/react";
import { useActionState, useState } from "react";
import { useSelfStatus, useUserStatus } from "userstatus/apollo";
import { graphql } from "./gql";

/** An operation of this app's own, typed by `npm run generate`. The package's hooks show its answer, too: both read the cache. */
const SetAvailability = graphql(`
  mutation SetAvailability($availability: Availability!) {
    setSelfAvailability(availability: $availability) { userID availability version }
  }
`);

export function App() {
  const [userIDs, setUserIDs] = useState<string[]>([]);
  const follow = (form: FormData) => setUserIDs([...new Set([...userIDs, String(form.get("userID"))])]);
  const unfollow = (userID: string) => setUserIDs(userIDs.filter((other) => other !== userID));
  return (
    <main>
      <Self />
      <form action={follow}>
        <label>User ID <input name="userID" required /></label> <button>Follow</button>
      </form>
      <ul>
        {userIDs.map((userID) => <Contact key={userID} userID={userID} onUnfollow={() => unfollow(userID)} />)}
      </ul>
    </main>
  );
}

function Self() {
  const { status, stale, failure, setCustomStatus } = useSelfStatus();
  const [setAvailability] = useMutation(SetAvailability);
  const [problem, run] = useActionState(outcome, "");
  const isBusy = status.availability === "BUSY";
  return (
    <section aria-label="You">
      <h1>{status.userID}</h1>
      <p>{stale ? "offline" : status.customStatus} {isBusy && "(busy)"}</p>
      <form action={(form) => run(() => setCustomStatus(String(form.get("customStatus"))))}>
        <label>Your status <input name="customStatus" /></label> <button>Set</button>
      </form>
      <form action={() => run(() => setAvailability({ variables: { availability: isBusy ? "AVAILABLE" : "BUSY" } }))}>
        <button aria-pressed={isBusy}>Busy</button>
      </form>
      <p role="alert">{problem || failure?.message}</p>
    </section>
  );
}

/** Mounted it is subscribed to, unmounted it isn't: there is no more to it. */
function Contact({ userID, onUnfollow }: { userID: string; onUnfollow: () => void }) {
  const { status, stale, loading, failure } = useUserStatus(userID);
  return (
    <li aria-label={userID} aria-busy={loading} style={{ opacity: stale ? 0.5 : 1 }}>
      {userID}: {failure ? failure.message : `${status.statusType} ${status.availability} ${status.customStatus}`}{" "}
      <button onClick={onUnfollow}>Unfollow</button>
    </li>
  );
}

/** What went wrong with a deed, in words; nothing if it was done. */
function outcome(_: string, deed: () => Promise<unknown>): Promise<string> {
  return deed().then(() => "", (error: Error) => error.message);
}
