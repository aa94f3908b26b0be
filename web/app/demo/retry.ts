import { useEffect, useRef, useState } from "react";

/** The package forgets a user that nobody has shown for a second, refusal and all; this is a little longer. */
const FORGOTTEN = 1_500;

/** Retries asks the server once more for users it refused. */
export interface Retries {
  /** Those that are not to be shown by a hook, so that they are forgotten. */
  readonly resting: ReadonlySet<string>;
  retry(userID: string): void;
}

export function useRetries(): Retries {
  const [resting, setResting] = useState<ReadonlySet<string>>(new Set());
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>());
  useEffect(() => () => timers.current.forEach(clearTimeout), []);
  const retry = (userID: string): void => {
    setResting((before) => new Set([...before, userID]));
    const timer = setTimeout(() => {
      timers.current.delete(timer);
      setResting((before) => new Set([...before].filter((other) => other !== userID)));
    }, FORGOTTEN);
    timers.current.add(timer);
  };
  return { resting, retry };
}
