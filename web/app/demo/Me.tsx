import { useState, type ReactNode } from "react";
import { useSelfStatus } from "userstatus/apollo";
import type { Connection } from "userstatus";
import { Avatar } from "./Avatar.tsx";
import { useNow } from "./clock.ts";
import { isAway, useConnection } from "./connection.ts";
import { OwnSettings } from "./OwnSettings.tsx";
import { SetStatus } from "./SetStatus.tsx";
import { Smile } from "./Smile.tsx";
import { presenceOf, presenceWords, untilWords } from "./words.ts";

interface MeProps {
  readonly userID: string;
  readonly connection: Connection;
  say(sentence: string): void;
}

/** One's own card: who one is, what one says, how approachable one is and who may see it. */
export function Me({ userID, connection, say }: MeProps): ReactNode {
  const { status, loading, setCustomStatus, setAvailability } = useSelfStatus();
  const [open, setOpen] = useState(false);
  const away = isAway(useConnection(connection));
  const presence = away ? "unknown" : presenceOf(status);
  return (
    <section className="card me" aria-labelledby="me">
      <div className="who">
        <Avatar userID={userID} presence={presence} />
        <div>
          <h1 id="me">{userID}</h1>
          <p className={`presence ${presence}`}>{away ? "Not connected" : loading ? "Connecting…" : presenceWords(status)}</p>
        </div>
      </div>
      <button className="own-status" type="button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <OwnText customStatus={status.customStatus} expiresAt={status.customStatusExpiresAt} />
      </button>
      <OwnSettings status={status} loading={loading} setAvailability={setAvailability} say={say} />
      {open && <SetStatus status={status} setCustomStatus={setCustomStatus} say={say} onClose={() => setOpen(false)} />}
    </section>
  );
}

function OwnText({ customStatus, expiresAt }: { customStatus: string; expiresAt: string | null }): ReactNode {
  const now = useNow();
  if (customStatus === "") {
    return (
      <>
        <Smile />
        <span className="faint">Set a status</span>
      </>
    );
  }
  return (
    <>
      <span className="unseen">Change your status: </span>
      <span className="text">{customStatus}</span>
      {expiresAt !== null && <span className="until">{untilWords(expiresAt, now)}</span>}
    </>
  );
}
