import { useState, type ReactNode } from "react";
import { AsGraphQL } from "./AsGraphQL.tsx";
import { Details } from "./Details.tsx";
import { Finder } from "./Finder.tsx";
import { Heading } from "./Heading.tsx";
import { BEFRIEND, END_SESSIONS, REGISTER, REMOVE, SET_STATUS, UNFRIEND, USER_DETAILS, USERS } from "./operations.ts";

/** Whom there is, and one of them in detail. */
export function Users({ userID }: { userID: string | undefined }): ReactNode {
  const [changes, setChanges] = useState(0);
  const whose = userID ?? "alice";
  return (
    <>
      <Heading lead="As they truly are, also those who hide.">Users</Heading>
      <div className={userID ? "users with-details" : "users"}>
        <Finder chosen={userID} changes={changes} />
        {userID ? (
          <Details key={userID} userID={userID} onChange={() => setChanges((before) => before + 1)} />
        ) : (
          <p className="nobody faint">Choose somebody, or type an ID: the details show up here.</p>
        )}
      </div>
      <AsGraphQL
        scripts={[
          { document: USERS, variables: { prefix: "al", first: 50 } },
          {
            document: USER_DETAILS,
            variables: { userID: whose, subscriptionsFirst: 50, subscribersFirst: 50, friendsFirst: 50, blockedFirst: 50, historyFirst: 20 },
          },
          { document: REGISTER, variables: { userIDList: [whose] } },
          { document: SET_STATUS, variables: { userID: whose, customStatus: "on holiday", expiresAt: null } },
          { document: BEFRIEND, variables: { userID: whose, friendIDList: ["bob"] } },
          { document: UNFRIEND, variables: { userID: whose, friendIDList: ["bob"] } },
          { document: END_SESSIONS, variables: { userIDList: [whose] } },
          { document: REMOVE, variables: { userIDList: [whose] } },
        ]}
      />
    </>
  );
}
