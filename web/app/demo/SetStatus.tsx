import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import type { UserStatus } from "userstatus";
import type { SelfStatusView } from "userstatus/apollo";
import { ClearAfterField, type Choice } from "./ClearAfterField.tsx";
import { clearAt } from "./clearAfter.ts";
import { joinStatus, MAX_STATUS, splitStatus } from "./emoji.ts";
import { EmojiPicker } from "./EmojiPicker.tsx";
import { messageOf } from "./failure.ts";
import { byteLength } from "./ids.ts";
import { useModal } from "./modal.ts";
import { Smile } from "./Smile.tsx";

interface SetStatusProps {
  readonly status: UserStatus;
  readonly setCustomStatus: SelfStatusView["setCustomStatus"];
  say(sentence: string): void;
  onClose(): void;
}

/** Writes one's own text. Escape leaves it as it was, and the focus returns to where it came from. */
export function SetStatus({ status, setCustomStatus, say, onClose }: SetStatusProps): ReactNode {
  const { customStatus, customStatusExpiresAt } = status;
  const dialog = useModal();
  const input = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState(() => splitStatus(customStatus));
  const [choice, setChoice] = useState<Choice>(customStatusExpiresAt === null ? "never" : "keep");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => input.current?.focus(), []);

  const text = joinStatus(draft);
  /** What the server brings back at the end; nothing where that is the same. */
  const earlier = choice !== "never" && text !== "" && text !== customStatus && customStatusExpiresAt === null ? customStatus : "";
  const left = MAX_STATUS - byteLength(text);
  const send = async (text: string, expiresAt: Date | string | null): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setProblem("");
    try {
      await setCustomStatus(text, { expiresAt });
      say(text === "" ? "Your status is cleared." : `Your status is set: ${text}.`);
      dialog.current?.close();
    } catch (error) {
      setProblem(messageOf(error));
      setBusy(false);
    }
  };
  const save = (event: FormEvent): void => {
    event.preventDefault();
    if (left < 0) return input.current?.focus();
    void send(text, text === "" ? null : choice === "keep" ? customStatusExpiresAt : clearAt(choice, new Date()));
  };

  return (
    <dialog ref={dialog} className="modal" aria-labelledby="set-status" onClose={onClose}>
      <form aria-labelledby="set-status" onSubmit={save} noValidate>
        <h2 id="set-status">Set a status</h2>
        <div className="text-line">
          <span className="chosen" aria-hidden="true">
            {draft.emoji || <Smile />}
          </span>
          <input
            ref={input}
            aria-label="What is your status?"
            placeholder="What is your status?"
            autoComplete="off"
            value={draft.text}
            aria-invalid={left < 0}
            aria-describedby="bytes"
            onChange={(event) => setDraft({ ...draft, text: event.currentTarget.value })}
          />
        </div>
        <BytesLeft left={left} />
        <EmojiPicker chosen={draft.emoji} onChoose={(emoji) => setDraft({ ...draft, emoji })} />
        <ClearAfterField choice={choice} current={customStatusExpiresAt} onChoose={setChoice} />
        {earlier !== "" && <ComesBack earlier={earlier} />}
        <p className="problem" role="alert">
          {problem}
        </p>
        <div className="actions">
          {customStatus !== "" && (
            <button className="clear" type="button" onClick={() => void send("", null)}>
              Clear status
            </button>
          )}
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button className="primary" type="submit" aria-disabled={busy || left < 0}>
            {busy ? "Saving…" : "Save"}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** Counted in bytes as the server does: an emoji is about four. Spoken only where it is too long. */
export function BytesLeft({ left }: { left: number }): ReactNode {
  return (
    <p id="bytes" className={left < 0 ? "bytes problem" : "bytes faint"} role={left < 0 ? "alert" : undefined}>
      {left < 0 ? `Too long by ${-left} of ${MAX_STATUS} bytes: shorten it.` : `${left} of ${MAX_STATUS} bytes left`}
    </p>
  );
}

/** What the server does at the end of a text that took the place of one without an end. */
function ComesBack({ earlier }: { earlier: string }): ReactNode {
  return (
    <p className="comes-back faint">
      Then your earlier status comes back: <span>{earlier}</span>
    </p>
  );
}
