import { afterAll } from "vitest";

const actions: (() => unknown)[] = [];

/** Runs once the file's tests are over, the newest first. Unlike `onTestFinished` it knows its place in concurrent tests. */
export function atEnd(action: () => unknown): void {
  actions.push(action);
}

afterAll(async () => {
  const errors: unknown[] = [];
  for (const action of actions.splice(0).reverse()) {
    await Promise.resolve()
      .then(action)
      .catch((error: unknown) => errors.push(error));
  }
  if (errors.length > 0) throw new AggregateError(errors, errors.map(String).join("\n"));
});
