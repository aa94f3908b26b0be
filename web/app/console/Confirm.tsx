import { useEffect, useId, useRef, useState, type FormEvent, type ReactNode } from "react";
import { useModal } from "../demo/modal.ts";
import { useDeeds } from "../demo/deed.ts";
import { useDesk } from "./session.ts";

interface ConfirmProps {
  readonly title: string;
  /** What is lost. */
  readonly children: ReactNode;
  /** What the button says: "Remove alice". */
  readonly deed: string;
  /** What one has to type first. */
  readonly typed?: string;
  /** Does it; resolves with a sentence. */
  work(): Promise<string>;
  onClose(): void;
}

/** Asks before something is taken away. Escape and Cancel change nothing; a failure is shown, and the question stays. */
export function Confirm({ title, children, deed, typed, work, onClose }: ConfirmProps): ReactNode {
  const dialog = useModal();
  const cancel = useRef<HTMLButtonElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const { say } = useDesk();
  const { problem, busy, run } = useDeeds(say);
  const [text, setText] = useState("");
  const id = useId();
  useEffect(() => (input.current ?? cancel.current)?.focus(), []);
  const ready = typed === undefined || text === typed;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!ready) return input.current?.focus();
    run(async () => {
      const sentence = await work();
      dialog.current?.close();
      return sentence;
    });
  };
  return (
    <dialog ref={dialog} className="modal" aria-labelledby={id} aria-describedby={`${id}-what`} onClose={onClose}>
      <form aria-labelledby={id} onSubmit={submit} noValidate>
        <h2 id={id}>{title}</h2>
        <div id={`${id}-what`} className="what">
          {children}
        </div>
        {typed !== undefined && (
          <label className="typed">
            <span>
              Type <strong>{typed}</strong> to go on
            </span>
            <input ref={input} autoComplete="off" autoCapitalize="none" spellCheck={false} value={text} onChange={(event) => setText(event.currentTarget.value)} />
          </label>
        )}
        <p className="problem" role="alert">
          {problem}
        </p>
        <div className="actions">
          <button ref={cancel} type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button className="danger" type="submit" aria-disabled={busy || !ready}>
            {busy ? "Working…" : deed}
          </button>
        </div>
      </form>
    </dialog>
  );
}
