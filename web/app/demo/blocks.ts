import { useSelf } from "userstatus/apollo";
import type { UserStatusFailure } from "userstatus";
import { useDeeds } from "./deed.ts";
import { failureWords } from "./failure.ts";

/** Blocks are whom one hides from. */
export interface Blocks {
  /** Undefined while they aren't known. */
  readonly userIDs: readonly string[] | undefined;
  /** Why the last change failed, in words; empty where it didn't. */
  readonly problem: string;
  block(userID: string): void;
  unblock(userID: string): void;
}

/** One's own, which other devices change, too. What is done is said. */
export function useBlocks(say: (sentence: string) => void): Blocks {
  const { self, block, unblock } = useSelf();
  const { problem, run } = useDeeds(say);
  return {
    userIDs: self?.blockedUserIDs,
    problem,
    block: (userID) => run(async () => outcome(await block([userID]), `${userID} is blocked, and sees you offline.`)),
    unblock: (userID) => run(async () => outcome(await unblock([userID]), `${userID} is no longer blocked.`)),
  };
}

function outcome([failure]: readonly UserStatusFailure[], done: string): string {
  if (failure) throw new Error(`${failure.userID}: ${failureWords(failure)}.`);
  return done;
}
