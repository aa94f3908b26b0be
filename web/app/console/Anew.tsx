import { useState, type ReactNode } from "react";
import type { Identity } from "../demo/identity.ts";
import { useModal } from "../demo/modal.ts";
import type { Access } from "./access.ts";
import { judge } from "./ask.ts";
import { keepToken } from "./identity.ts";
import { useStore } from "./store.ts";
import { TokenForm } from "./TokenForm.tsx";

interface AnewProps {
  readonly access: Access;
  onSignOut(): void;
}

/** Asks for a new token once the old one has expired. What is on the page, and what was asked of the server, waits. */
export function Anew(props: AnewProps): ReactNode {
  return useStore(props.access.wanting) && <AnewDialog {...props} />;
}

function AnewDialog({ access, onSignOut }: AnewProps): ReactNode {
  const dialog = useModal();
  const [why, setWhy] = useState("");
  const [judging, setJudging] = useState(false);
  const bring = async (identity: Identity): Promise<void> => {
    if (identity.kind !== "pasted") return;
    setJudging(true);
    const verdict = await judge(identity.token, identity.userID);
    setJudging(false);
    if (!verdict.admin) return setWhy(verdict.why);
    keepToken(identity.token);
    access.bring(identity.token);
  };
  return (
    <dialog ref={dialog} className="modal" aria-labelledby="anew" onCancel={(event) => event.preventDefault()}>
      <div className="inside">
        <h2 id="anew">Sign in anew</h2>
        <p className="faint">Your token has expired, or is no longer accepted. Everything here stays as it is.</p>
        <TokenForm busy={judging} onIdentity={(identity) => void bring(identity)} />
        <p className="problem" role="alert">
          {why}
        </p>
        <div className="actions">
          <button className="quiet" type="button" onClick={onSignOut}>
            Sign out instead
          </button>
        </div>
      </div>
    </dialog>
  );
}
