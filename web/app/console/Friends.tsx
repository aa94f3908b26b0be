import { useRef, type FormEvent, type ReactNode } from "react";
import { useDeeds } from "../demo/deed.ts";
import { BEFRIEND, UNFRIEND } from "./operations.ts";
import type { Paging } from "./paging.tsx";
import { outcome } from "./problem.ts";
import { idsIn } from "./Register.tsx";
import { Related } from "./Related.tsx";
import { useDesk } from "./session.ts";
import type { UserIDs } from "./types.ts";

interface FriendsProps {
  readonly userID: string;
  readonly list: UserIDs;
  readonly paging: Paging;
  onChange(): void;
}

/** A user's friends, with a line to make more. */
export function Friends({ userID, list, paging, onChange }: FriendsProps): ReactNode {
  const { client, say } = useDesk();
  const { problem, busy, run } = useDeeds(say);
  const input = useRef<HTMLInputElement>(null);
  const befriend = (event: FormEvent): void => {
    event.preventDefault();
    const friendIDList = idsIn(input.current?.value ?? "");
    input.current?.focus();
    if (friendIDList.length === 0) return;
    run(async () => {
      const { data } = await client.mutate({ mutation: BEFRIEND, variables: { userID, friendIDList } });
      onChange();
      const sentence = outcome(friendIDList, data?.addFriends.failureUserList ?? [], (names) => `${userID} and ${names} are friends.`);
      if (input.current) input.current.value = "";
      return sentence;
    });
  };
  const unfriend = (friend: string): void =>
    run(async () => {
      const { data } = await client.mutate({ mutation: UNFRIEND, variables: { userID, friendIDList: [friend] } });
      onChange();
      input.current?.focus(); // the button that had the focus is gone
      return outcome([friend], data?.removeFriends.failureUserList ?? [], (names) => `${userID} and ${names} are no longer friends.`);
    });
  const deedFor = (friend: string): ReactNode => (
    <button className="quiet" type="button" aria-label={`Unfriend ${friend}`} onClick={() => unfriend(friend)}>
      Unfriend
    </button>
  );
  return (
    <Related name="Friends" of="friends" what="Mutual. They see each other also where only friends may." list={list} paging={paging} deedFor={deedFor}>
      <form className="befriend" aria-label="Befriend" onSubmit={befriend} noValidate>
        <input ref={input} aria-label="User IDs to befriend" placeholder="User ID" autoComplete="off" autoCapitalize="none" spellCheck={false} />
        <button type="submit" aria-disabled={busy}>
          Befriend
        </button>
      </form>
      <p className="problem" role="alert">
        {problem}
      </p>
    </Related>
  );
}
