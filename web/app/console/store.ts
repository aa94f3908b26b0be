import { useSyncExternalStore } from "react";

/** A value that the page follows, and that is set outside of it. */
export interface Store<T> {
  readonly current: T;
  set(value: T): void;
  onChange(listener: () => void): () => void;
}

export function createStore<T>(first: T): Store<T> {
  const listeners = new Set<() => void>();
  let current = first;
  return {
    get current() {
      return current;
    },
    set(value) {
      if (value === current) return;
      current = value;
      for (const listener of listeners) listener();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.onChange, () => store.current);
}
