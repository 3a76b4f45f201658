import { describe, expect, it } from "vitest";
import { runPython } from "./python-process.ts";

const FOLDER = "client-shim/python/tests";

describe("the Python package", () => {
  it("passes its own tests, and Python has nothing to warn of", async () => {
    const tests = ["-m", "unittest", "discover", "-s", FOLDER];
    const output = await runPython(["-W", "error::RuntimeWarning", ...tests], FOLDER);
    expect(output).toMatch(/\nRan \d{2,} tests in .*\n\nOK\n$/);
    expect(output).not.toContain("Warning");
  }, 60_000);
});
