import { useState, type ReactNode } from "react";
import { useDeeds } from "../demo/deed.ts";
import { AsGraphQL } from "./AsGraphQL.tsx";
import { Confirm } from "./Confirm.tsx";
import { Heading } from "./Heading.tsx";
import { SETTINGS, UPDATE_SETTINGS } from "./operations.ts";
import { usePolled } from "./polled.ts";
import { Problem } from "./Problem.tsx";
import { useDesk } from "./session.ts";
import type { Settings } from "./types.ts";

interface Switch {
  readonly key: keyof Settings;
  readonly name: string;
  readonly on: string;
  readonly off: string;
  /** What is said once it is so. */
  readonly saidOn: string;
  readonly saidOff: string;
}

const SWITCHES: readonly Switch[] = [
  {
    key: "userStatusEnabled",
    name: "User status",
    on: "Users ask for each other’s statuses, follow each other, and are told of changes.",
    off: "Nobody sees anybody but themselves: asking for others is refused, and no stream tells of them. One’s own status works, and so does unsubscribing.",
    saidOn: "User status is on: users see each other again.",
    saidOff: "User status is off: nobody sees anybody but themselves.",
  },
  {
    key: "friendStatusNotificationEnabled",
    name: "Friends are told of each other",
    on: "Friends hear of each other’s changes without subscribing.",
    off: "Only whoever subscribed to a user hears of their changes. Friendships stay.",
    saidOn: "Friends are told of each other’s changes.",
    saidOff: "Friends are no longer told of each other’s changes, unless they subscribed.",
  },
];

/** The switches of the whole service. */
export function Switches(): ReactNode {
  const { client, say } = useDesk();
  const { data, problem, refresh } = usePolled(SETTINGS, {});
  const deeds = useDeeds(say);
  const [asking, setAsking] = useState(false);
  const flip = async ({ key, saidOn, saidOff }: Switch, on: boolean): Promise<string> => {
    await client.mutate({ mutation: UPDATE_SETTINGS, variables: { [key]: on } });
    refresh();
    return on ? saidOn : saidOff;
  };
  const press = (pressed: Switch, on: boolean): void => {
    if (pressed.key === "userStatusEnabled" && !on) setAsking(true);
    else deeds.run(() => flip(pressed, on));
  };
  const [userStatus] = SWITCHES;
  return (
    <>
      <Heading lead="Of the whole service. They are in force at once, on all nodes and open streams.">Switches</Heading>
      <Problem problem={problem} />
      <p className="problem" role="alert">
        {deeds.problem}
      </p>
      <ul className="switches" aria-label="Switches">
        {SWITCHES.map((one) => (
          <SwitchCard key={one.key} one={one} on={data?.settings[one.key]} busy={deeds.busy} onFlip={(on) => press(one, on)} />
        ))}
      </ul>
      <AsGraphQL
        scripts={[
          { document: SETTINGS, variables: {} },
          { document: UPDATE_SETTINGS, variables: { friendStatusNotificationEnabled: true } },
        ]}
      />
      {asking && userStatus && (
        <Confirm title="Switch user status off?" deed="Switch it off" work={() => flip(userStatus, false)} onClose={() => setAsking(false)}>
          <p>This takes something away from everybody, at once: {lowered(userStatus.off)}</p>
          <p>Nothing is deleted. Switched on again, all is as before.</p>
        </Confirm>
      )}
    </>
  );
}

interface SwitchCardProps {
  readonly one: Switch;
  /** Undefined while it isn't known. */
  readonly on: boolean | undefined;
  readonly busy: boolean;
  onFlip(on: boolean): void;
}

function SwitchCard({ one: { key, name, on: whenOn, off: whenOff }, on, busy, onFlip }: SwitchCardProps): ReactNode {
  const waiting = on === undefined || busy;
  return (
    <li className="card switch-card">
      <div className="line">
        <h2 id={key}>{name}</h2>
        <button
          className="switch"
          type="button"
          role="switch"
          aria-checked={on ?? false}
          aria-labelledby={key}
          aria-describedby={`${key}-what`}
          aria-disabled={waiting}
          onClick={() => waiting || onFlip(!on)}
        >
          <span className="knob" aria-hidden="true" />
          <span className="word">{on === undefined ? "…" : on ? "On" : "Off"}</span>
        </button>
      </div>
      <dl id={`${key}-what`}>
        <div className={on === true ? "present" : undefined}>
          <dt>On</dt>
          <dd>{whenOn}</dd>
        </div>
        <div className={on === false ? "present" : undefined}>
          <dt>Off</dt>
          <dd>{whenOff}</dd>
        </div>
      </dl>
    </li>
  );
}

const lowered = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);
