import { useState, type ReactNode } from "react";
import { Confirm } from "./Confirm.tsx";
import { END_SESSIONS, REMOVE } from "./operations.ts";
import { outcome } from "./problem.ts";
import { useDesk } from "./session.ts";
import { SetStatus } from "./SetStatus.tsx";
import type { UserDetails } from "./types.ts";

interface DeedsProps {
  readonly userID: string;
  readonly details: UserDetails;
  onChange(): void;
}

type Open = "status" | "sessions" | "remove" | undefined;

/** What may be done with somebody. Each asks in a dialog of its own. */
export function Deeds({ userID, details, onChange }: DeedsProps): ReactNode {
  const [open, setOpen] = useState<Open>();
  const close = (): void => setOpen(undefined);
  return (
    <div className="deeds">
      <button type="button" aria-haspopup="dialog" onClick={() => setOpen("status")}>
        Set a status
      </button>
      <button type="button" aria-haspopup="dialog" onClick={() => setOpen("sessions")}>
        End sessions
      </button>
      <button className="danger quiet" type="button" aria-haspopup="dialog" onClick={() => setOpen("remove")}>
        Remove
      </button>
      {open === "status" && <SetStatus userID={userID} status={details.status} onChange={onChange} onClose={close} />}
      {open === "sessions" && <EndSessions userID={userID} onChange={onChange} onClose={close} />}
      {open === "remove" && <Remove userID={userID} details={details} onChange={onChange} onClose={close} />}
    </div>
  );
}

interface DialogProps {
  readonly userID: string;
  onChange(): void;
  onClose(): void;
}

function EndSessions({ userID, onChange, onClose }: DialogProps): ReactNode {
  const { client } = useDesk();
  const work = async (): Promise<string> => {
    const { data } = await client.mutate({ mutation: END_SESSIONS, variables: { userIDList: [userID] } });
    const sentence = outcome([userID], data?.endSessions.failureUserList ?? [], (names) => `The sessions of ${names} are ended.`);
    onChange();
    return sentence;
  };
  return (
    <Confirm title={`End the sessions of ${userID}?`} deed="End sessions" work={work} onClose={onClose}>
      <p>All of their devices are signed out, and others see them so. With a token that is still valid they may come back at once.</p>
    </Confirm>
  );
}

function Remove({ userID, details, onChange, onClose }: DialogProps & { details: UserDetails }): ReactNode {
  const { client } = useDesk();
  const work = async (): Promise<string> => {
    const { data } = await client.mutate({ mutation: REMOVE, variables: { userIDList: [userID] } });
    const sentence = outcome([userID], data?.removeUsers.failureUserList ?? [], (names) => `${names} is removed.`);
    onChange();
    return sentence;
  };
  return (
    <Confirm title={`Remove ${userID}?`} deed={`Remove ${userID}`} typed={userID} work={work} onClose={onClose}>
      <p>Gone for good, with no way back: {lossWords(details)}. All of their devices are signed out.</p>
      <p>With a token that is still valid they come back as somebody new.</p>
    </Confirm>
  );
}

const list = new Intl.ListFormat("en", { type: "conjunction" });

/** What somebody has, as what they lose. */
function lossWords({ status, subscriptions, subscribers, friends, blockedUsers }: UserDetails): string {
  const counted = (count: number | null | undefined, one: string, many: string): string[] => (count ? [`${count} ${count === 1 ? one : many}`] : []);
  return list.format([
    status.customStatus === "" ? "their status" : `their status “${status.customStatus}”`,
    ...counted(subscriptions.totalCount, "subscription", "subscriptions"),
    ...counted(subscribers.totalCount, "watcher", "watchers"),
    ...counted(friends.totalCount, "friendship", "friendships"),
    ...counted(blockedUsers.totalCount, "block", "blocks"),
    "their history",
  ]);
}
