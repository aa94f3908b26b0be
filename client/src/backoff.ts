/** The wait before the first try to come back, and the longest, in milliseconds. */
export const FIRST_WAIT_MS = 250;
export const LONGEST_WAIT_MS = 30_000;

/**
 * How long to wait before try number `attempt` (from 0), in milliseconds: twice
 * as long each time, up to the longest, and by chance up to half of it less, so
 * that those who lost a server together don't come back together.
 */
export function retryDelay(attempt: number, random: () => number = Math.random): number {
  const most = Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS);
  return most * (1 - random() / 2);
}

/** A wait that can be cut short. */
export interface Wait {
  readonly over: Promise<void>;
  end(): void;
}

export function wait(milliseconds: number): Wait {
  let end = (): void => {};
  const over = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    end = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  return { over, end };
}
