import { ApolloProvider } from "@apollo/client/react";
import { useEffect, useState, type ReactNode } from "react";
import type { DemoUser } from "../playground/demo.ts";
import { Home } from "./Home.tsx";
import { forget, keep, type Identity } from "./identity.ts";
import { startSession } from "./session.ts";
import { SignIn } from "./SignIn.tsx";

const NOT_TOLD = "You are signed out here. The server could not be told, so others see you go offline instead.";

/** The page: signing in, or the people one follows. */
export function App({ demoUsers, first }: { demoUsers: readonly DemoUser[]; first: Identity | undefined }): ReactNode {
  const [session, setSession] = useState(() => first && startSession(first));
  const [notice, setNotice] = useState("");
  const signIn = (identity: Identity): void => {
    keep(identity);
    setNotice("");
    setSession(startSession(identity));
  };
  const leave = (why: string): void => {
    forget();
    setNotice(why);
    setSession(undefined);
  };
  useEffect(() => session?.onEnded((why) => leave(`You were signed out: ${why}.`)), [session]);
  useEffect(() => {
    document.title = session ? `${session.identity.userID} · People · userstatus` : "People · userstatus";
  }, [session]);

  if (!session) return <SignIn demoUsers={demoUsers} notice={notice} onSignIn={signIn} />;
  const signOut = async (): Promise<void> => leave((await session.signOut()) ? "" : NOT_TOLD);
  return (
    <ApolloProvider client={session.client}>
      <Home session={session} demoUsers={demoUsers} onSignOut={signOut} />
    </ApolloProvider>
  );
}
