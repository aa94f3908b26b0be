import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import type { UserStatus } from "userstatus";
import { ClearAfterField, type Choice } from "../demo/ClearAfterField.tsx";
import { clearAt } from "../demo/clearAfter.ts";
import { useDeeds } from "../demo/deed.ts";
import { MAX_STATUS } from "../demo/emoji.ts";
import { byteLength } from "../demo/ids.ts";
import { useModal } from "../demo/modal.ts";
import { BytesLeft } from "../demo/SetStatus.tsx";
import { SET_STATUS } from "./operations.ts";
import { useDesk } from "./session.ts";

interface SetStatusProps {
  readonly userID: string;
  readonly status: UserStatus;
  onChange(): void;
  onClose(): void;
}

/** Writes somebody's text. Escape leaves it as it was. */
export function SetStatus({ userID, status: { customStatus, customStatusExpiresAt }, onChange, onClose }: SetStatusProps): ReactNode {
  const dialog = useModal();
  const input = useRef<HTMLInputElement>(null);
  const { client, say } = useDesk();
  const { problem, busy, run } = useDeeds(say);
  const [text, setText] = useState(customStatus);
  const [choice, setChoice] = useState<Choice>(customStatusExpiresAt === null ? "never" : "keep");
  useEffect(() => input.current?.focus(), []);
  const left = MAX_STATUS - byteLength(text);
  const send = (text: string, end: Date | string | null): void =>
    run(async () => {
      const expiresAt = end instanceof Date ? end.toISOString() : end;
      await client.mutate({ mutation: SET_STATUS, variables: { userID, customStatus: text, expiresAt } });
      onChange();
      dialog.current?.close();
      return text === "" ? `The status of ${userID} is cleared.` : `The status of ${userID} is set: ${text}.`;
    });
  const save = (event: FormEvent): void => {
    event.preventDefault();
    if (left < 0) return input.current?.focus();
    send(text, text === "" ? null : choice === "keep" ? customStatusExpiresAt : clearAt(choice, new Date()));
  };
  return (
    <dialog ref={dialog} className="modal" aria-labelledby="set-status" onClose={onClose}>
      <form aria-labelledby="set-status" onSubmit={save} noValidate>
        <h2 id="set-status">Status of {userID}</h2>
        <label className="typed">
          <span>Custom status</span>
          <input
            ref={input}
            autoComplete="off"
            value={text}
            aria-invalid={left < 0}
            aria-describedby="bytes"
            onChange={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <BytesLeft left={left} />
        <ClearAfterField choice={choice} current={customStatusExpiresAt} onChoose={setChoice} />
        <p className="problem" role="alert">
          {problem}
        </p>
        <div className="actions">
          {customStatus !== "" && (
            <button className="clear" type="button" onClick={() => send("", null)}>
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
