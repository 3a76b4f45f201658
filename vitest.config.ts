import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    pool: "forks",
    // One more than the cores of a small machine: many tests wait more than they work.
    maxWorkers: 3,
  },
});
