import { useEffect, useState, type ReactNode } from "react";
import type { Identity } from "../demo/identity.ts";
import type { DemoUser } from "../playground/demo.ts";
import { judge } from "./ask.ts";
import { Console } from "./Console.tsx";
import { forget, keepToken } from "./identity.ts";
import { startSession, type Session } from "./session.ts";
import { SignIn } from "./SignIn.tsx";

/** The page: signing in, or the console. */
export function App({ demoUsers, first }: { demoUsers: readonly DemoUser[]; first: Identity | undefined }): ReactNode {
  const [session, setSession] = useState<Session>();
  const [notice, setNotice] = useState("");
  const [judging, setJudging] = useState(first !== undefined);
  const signIn = async (identity: Identity): Promise<void> => {
    setJudging(true);
    setNotice("");
    const refusal = await enter(identity, setSession);
    setNotice(refusal);
    setJudging(false);
  };
  useEffect(() => {
    if (first) void signIn(first);
  }, []);
  const signOut = (): void => {
    session?.client.stop();
    forget();
    setSession(undefined);
  };
  if (session) return <Console session={session} onSignOut={signOut} />;
  return <SignIn demoUsers={demoUsers} notice={notice} judging={judging} onSignIn={(identity) => void signIn(identity)} />;
}

/** Begins a session for an admin; for others the answer says why there is none. */
async function enter(identity: Identity, begin: (session: Session) => void): Promise<string> {
  const session = startSession(identity);
  try {
    const token = await session.access.token();
    const verdict = await judge(token, identity.userID);
    if (!verdict.admin) return verdict.why;
    if (identity.kind === "pasted") keepToken(token);
    begin(session);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
