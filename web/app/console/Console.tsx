import { useEffect, useMemo, type ReactNode } from "react";
import { Anew } from "./Anew.tsx";
import { Away } from "./Away.tsx";
import { useFigures } from "./figures.ts";
import { Overview } from "./Overview.tsx";
import { useRoute, type Route, type Section } from "./route.ts";
import { Said, useSaid } from "./Said.tsx";
import { DeskContext, type Session } from "./session.ts";
import { Switches } from "./Switches.tsx";
import { TopBar } from "./TopBar.tsx";
import { Users } from "./Users.tsx";
import { Webhooks } from "./Webhooks.tsx";

interface ConsoleProps {
  readonly session: Session;
  onSignOut(): void;
}

export const TITLES: Readonly<Record<Section, string>> = { overview: "Overview", switches: "Switches", users: "Users", webhooks: "Webhooks" };

/** Everything an admin sees, one section at a time. */
export function Console({ session, onSignOut }: ConsoleProps): ReactNode {
  const { client, reachable, access } = session;
  const route = useRoute();
  const { said, say } = useSaid();
  const desk = useMemo(() => ({ client, reachable, say }), [client, reachable, say]);
  const title = route.section === "users" && route.userID ? route.userID : TITLES[route.section];
  useEffect(() => {
    document.title = `${title} · Console · userstatus`;
  }, [title]);
  return (
    <DeskContext value={desk}>
      <TopBar section={route.section} admin={session.identity.userID} onSignOut={onSignOut} />
      <Away reachable={reachable} />
      <main className="console">
        <Shown route={route} />
      </main>
      <Said said={said} />
      <Anew access={access} onSignOut={onSignOut} />
    </DeskContext>
  );
}

/** The figures are asked for whatever is shown, so that the banner knows of the server, and the hour has no holes. */
function Shown({ route }: { route: Route }): ReactNode {
  const course = useFigures();
  switch (route.section) {
    case "overview":
      return <Overview course={course} />;
    case "switches":
      return <Switches />;
    case "users":
      return <Users userID={route.userID} />;
    case "webhooks":
      return <Webhooks />;
  }
}
