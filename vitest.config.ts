import { defineConfig } from "vitest/config";

/** Those that take their time: nodes that are killed twenty times. `npm run test:all` runs them, too. */
const isLong = process.env["LONG_TESTS"] === "1";
const long = isLong ? ["test/**/*.long.ts"] : [];
const UNIT = "test/unit/**/*.test.ts";
/** Hundreds of members, who have their time limits: they get the machine for themselves. */
const CROWDS = ["test/cluster/presence-crowd.test.ts", "test/cluster/rolling-restart.test.ts"];
/** Real servers, each of which is a test's own and ends with it. */
const SERVERS = ["bus", "channels", "dialects", "logs", "parity", "records"].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);
// They share nothing that could be left behind, and importing takes longer than many a test.
const common = {
  testTimeout: 20_000,
  hookTimeout: 30_000,
  pool: "forks",
  isolate: false,
  // Two would let a third of two cores wait. Long scenes need the machine for themselves.
  maxWorkers: isLong ? 1 : 3,
  sequence: { groupOrder: 1 },
} as const;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: "crowds",
          include: CROWDS,
          maxWorkers: 1,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...common,
          name: "real parts",
          include: ["test/**/*.test.ts", ...long],
          exclude: [UNIT, ...SERVERS, ...CROWDS],
        },
      },
      { test: { ...common, name: "servers", include: SERVERS } },
      { test: { ...common, name: "unit", include: [UNIT] } },
    ],
  },
});
