import { readFile } from "node:fs/promises";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Packed, packProject } from "./packed.ts";

let packed: Packed;
beforeAll(async () => {
  packed = await packProject();
}, 60_000);
afterAll(() => packed.remove());

describe("the tarball", { timeout: 60_000 }, () => {
  it("has nothing that publint would change, however small", async () => {
    const bytes = await readFile(packed.tarball);
    const tarball = new Uint8Array(bytes).buffer;
    const { messages } = await publint({ pack: { tarball }, strict: true, level: "suggestion" });
    expect(messages).toEqual([]);
  });

  it("has types that are right wherever Node 20.19 or a bundler finds its modules", async () => {
    const data = new Uint8Array(await readFile(packed.tarball));
    const checked = await checkPackage(createPackageFromTarballData(data), {
      // A text for Python: there is nothing to resolve.
      excludeEntrypoints: ["./commonroom.py"],
    });
    if (checked.types === false) throw new Error("no types");
    expect(new Set(Object.keys(checked.entrypoints))).toEqual(
      new Set([".", "./client", "./client.min.js", "./package.json", "./pyodide"]),
    );
    // Node 10 is not served, and what is requires ES modules; pack.long.ts does so.
    const wrong = checked.problems.filter(
      (problem) =>
        !("resolutionKind" in problem && problem.resolutionKind === "node10") &&
        problem.kind !== "CJSResolvesToESM",
    );
    expect(wrong).toEqual([]);
  });
});
