import type { ReactNode } from "react";
import type { Availability, UserStatus, Visibility } from "userstatus";
import { useSelf, type SelfStatusView } from "userstatus/apollo";
import { AVAILABILITIES, VISIBILITIES, type Choice } from "./choices.ts";
import { useDeeds } from "./deed.ts";
import { Dot } from "./Dot.tsx";
import { Menu } from "./Menu.tsx";

interface OwnSettingsProps {
  readonly status: UserStatus;
  readonly loading: boolean;
  readonly setAvailability: SelfStatusView["setAvailability"];
  say(sentence: string): void;
}

/** How approachable one is, and who may see it. */
export function OwnSettings({ status, loading, setAvailability, say }: OwnSettingsProps): ReactNode {
  const { self, setVisibility } = useSelf();
  const { problem, busy, run } = useDeeds(say);
  const chooseAvailability = ({ value, said }: Choice<Availability>): void => run(() => setAvailability(value).then(() => said));
  const chooseVisibility = ({ value, said }: Choice<Visibility>): void => run(() => setVisibility(value).then(() => said));
  return (
    <>
      {self?.visibility === "NOBODY" && <Invisible />}
      <div className="settings">
        <Setting
          label="Availability"
          choices={AVAILABILITIES}
          value={loading ? undefined : status.availability}
          busy={busy}
          onChoose={chooseAvailability}
        />
        <Setting label="Visible to" choices={VISIBILITIES} value={self?.visibility} busy={busy} onChoose={chooseVisibility} />
      </div>
      <p className="problem" role="alert">
        {problem}
      </p>
    </>
  );
}

interface SettingProps<Value> {
  readonly label: string;
  readonly choices: readonly Choice<Value>[];
  /** Undefined while it isn't known. */
  readonly value: Value | undefined;
  readonly busy: boolean;
  onChoose(choice: Choice<Value>): void;
}

/** A line with the present choice, which opens all of them. */
function Setting<Value>({ label, choices, value, busy, onChoose }: SettingProps<Value>): ReactNode {
  const present = choices.find((choice) => choice.value === value);
  const name = present?.name ?? "…";
  const items = choices.map((choice) => ({
    name: choice.name,
    hint: choice.hint,
    icon: choice.presence && <Dot presence={choice.presence} />,
    checked: choice === present,
    onChoose: () => onChoose(choice),
  }));
  return (
    <Menu label={label} buttonLabel={`${label}: ${name}`} className="setting" disabled={!present || busy} items={items}>
      <span className="faint">{label}</span>
      <span className="value">
        {present?.presence && <Dot presence={present.presence} />}
        {name}
      </span>
      <Chevron />
    </Menu>
  );
}

/** Shown for as long as it is so, so that nobody forgets. */
function Invisible(): ReactNode {
  return (
    <p className="invisible">
      <svg viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" aria-hidden="true">
        <path d="M3 3l14 14M8.2 4.9A8 8 0 0 1 10 4.7c4.2 0 6.8 3.4 7.6 5.3a10 10 0 0 1-2.2 3M12.9 14.8a7.4 7.4 0 0 1-2.9.5c-4.2 0-6.8-3.4-7.6-5.3a10.5 10.5 0 0 1 2.9-3.6M8.2 8.3a2.6 2.6 0 0 0 3.6 3.6" />
      </svg>
      <span>
        <strong>Invisible:</strong> others see you offline
      </span>
    </p>
  );
}

function Chevron(): ReactNode {
  return (
    <svg className="chevron" viewBox="0 0 12 12" width="12" height="12" fill="none" stroke="currentColor" strokeWidth="1.8" aria-hidden="true">
      <path d="M2.5 4.5L6 8l3.5-3.5" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
