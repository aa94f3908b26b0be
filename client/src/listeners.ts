/** Who wants to hear of something: each listener once, in the order in which they came. */
export interface Listeners<T> {
  add(listener: (value: T) => void): void;
  remove(listener: (value: T) => void): void;
  /** Tells all. What one of them throws is an uncaught error, and keeps nothing from the others. */
  tell(value: T): void;
}

export function createListeners<T>(): Listeners<T> {
  const listeners = new Set<(value: T) => void>();
  return {
    add: (listener) => void listeners.add(listener),
    remove: (listener) => void listeners.delete(listener),
    tell: (value) => [...listeners].forEach((listener) => callApart(listener, value)),
  };
}

function callApart<T>(listener: (value: T) => void, value: T): void {
  try {
    listener(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
