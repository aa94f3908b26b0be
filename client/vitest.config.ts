import { defineConfig } from "vitest/config";

// Each file starts servers of its own, so two at a time fill two cores. The
// timeouts are for machines under load: a test waits for events, and ends with
// the last of them.
export default defineConfig({
  test: {
    include: ["test/**/*.test.{ts,tsx}"],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    dangerouslyIgnoreUnhandledErrors: false,
  },
});
