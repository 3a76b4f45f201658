import { defineConfig } from "vitest/config";

const colonies = ["codec", "codec-members", "codec-requests", "spec", "request-phrase"];

/** The tests that judge mutants: quick ones, which need neither Redis nor a browser. */
export default defineConfig({
  test: {
    include: [
      "test/unit/{auth,bus,rooms}/**/*.test.ts",
      "test/unit/dialects/{phoenix,plain,tower}/**/*.test.ts",
      `test/unit/dialects/colonies/{${colonies.join()}}.test.ts`,
    ],
    // Random input takes seconds, for each mutant; what it has found is told by name elsewhere.
    exclude: ["test/unit/auth/token-garbage.test.ts"],
    testTimeout: 5000,
    hookTimeout: 5000,
  },
});
