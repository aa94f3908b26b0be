/** How long a test waits for what must come, before it says what did not. */
export const PATIENCE_MS = 20_000;

/** How a feed ended: as its sender meant it, or with an error. */
export type Ending = { readonly kind: "complete" } | { readonly kind: "error"; readonly error: unknown };

/** Everything a stream says, in order. Whoever waits reads on from where the last one stopped. */
export interface Feed<T> {
  readonly all: readonly T[];
  push(value: T): void;
  /** Only the first ending counts. */
  end(ending: Ending): void;
  /** The next one not read yet. */
  next(what: string): Promise<T>;
  /** Reads on to the first that matches; those before it count as read. */
  until(what: string, match: (value: T) => boolean): Promise<T>;
  /** How it ended, once it has; what was said before it need not have been read. */
  ended(what: string): Promise<Ending>;
}

export function createFeed<T>(): Feed<T> {
  const all: T[] = [];
  const watchers = new Set<() => void>();
  let read = 0;
  let ending: Ending | undefined;

  const changed = (): void => [...watchers].forEach((look) => look());

  /** Resolves with what `look` finds, as soon as it finds anything. */
  function found<R>(what: string, look: () => { value: R } | undefined): Promise<R> {
    return new Promise((resolve, reject) => {
      const watch = (): void => {
        try {
          const hit = look();
          if (hit) finish(() => resolve(hit.value));
        } catch (error) {
          finish(() => reject(error));
        }
      };
      const timer = setTimeout(() => finish(() => reject(new Error(late(what, all)))), PATIENCE_MS);
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        watchers.delete(watch);
        settle();
      };
      watchers.add(watch);
      watch();
    });
  }

  function until(what: string, match: (value: T) => boolean): Promise<T> {
    return found(what, () => {
      while (read < all.length) {
        const value = all[read++] as T;
        if (match(value)) return { value };
      }
      if (ending) throw new Error(`${what}: the stream ended first, ${explain(ending)}; heard ${show(all)}`);
      return undefined;
    });
  }

  return {
    all,
    push(value) {
      all.push(value);
      changed();
    },
    end(how) {
      ending ??= how;
      changed();
    },
    next: (what) => until(what, () => true),
    until,
    ended: (what) => found(what, () => (ending ? { value: ending } : undefined)),
  };
}

/** Resolves as the promise does, or rejects once the patience for it is over. */
export function within<T>(what: string, promise: Promise<T>, patience = PATIENCE_MS): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what}: nothing in ${patience} ms`)), patience);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** What went wrong, in words, whatever was thrown. */
export function explain(ending: Ending): string {
  if (ending.kind === "complete") return "complete";
  const { error } = ending;
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  return show(error);
}

function late(what: string, all: readonly unknown[]): string {
  return `${what}: nothing in ${PATIENCE_MS} ms; heard ${show(all)}`;
}

function show(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 2000) ?? String(value);
}
