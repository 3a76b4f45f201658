import { defineConfig } from "vitest/config";

/** Those that take their time: nodes that are killed twenty times. `npm run test:all` runs them, too. */
const long = process.env["LONG_TESTS"] === "1" ? ["test/**/*.long.ts"] : [];
const UNIT = "test/unit/**/*.test.ts";
const common = { testTimeout: 20_000, hookTimeout: 30_000, pool: "forks" } as const;

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...common,
          name: "real parts",
          include: ["test/**/*.test.ts", ...long],
          exclude: [UNIT],
        },
      },
      // They share nothing that could be left behind, and importing takes longer than testing.
      { test: { ...common, name: "unit", include: [UNIT], isolate: false } },
    ],
  },
});
