import { defineConfig } from "vitest/config";

/** Those that take their time: nodes that are killed twenty times. `npm run test:all` runs them, too. */
const long = process.env["LONG_TESTS"] === "1" ? ["test/**/*.long.ts"] : [];

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", ...long],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
