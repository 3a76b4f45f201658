import { describe, expect, it } from "vitest";
import explanations from "../mutation/survivors.json" with { type: "json" };
import { compare } from "../mutation/survivors.mjs";

const source = "function add(a, b) {\n  return a +\n    b;\n}\n";
const location = { start: { line: 2, column: 10 }, end: { line: 3, column: 6 } };
const key = "add.ts | return a + | a + b -> a - b";
const mutant = { status: "Survived", location, replacement: "a - b" };

/** A report on one file with one mutant. */
const report = (status: string) => ({
  files: { "add.ts": { source, mutants: [{ ...mutant, status }] } },
});

describe("a mutant that no test has killed", () => {
  it.each(["Survived", "NoCoverage"])("is named where nobody explains it (%s)", (status) => {
    expect(compare(report(status), [])).toEqual({ unexplained: [key], outdated: [] });
  });

  it("is passed over where somebody explains it", () => {
    const explained = [{ why: "of no matter", mutants: [key] }];
    expect(compare(report("Survived"), explained)).toEqual({ unexplained: [], outdated: [] });
  });
});

describe("an explanation", () => {
  it("of a mutant that is killed is one too many, unless its file was not tried", () => {
    const mutants = [key, "other.ts | a | b -> c"];
    const explained = [{ why: "of no matter", mutants }];
    expect(compare(report("Killed"), explained)).toEqual({ unexplained: [], outdated: [key] });
  });

  it("is in words, and stands once for each mutant", () => {
    const mutants = explanations.flatMap((explanation) => explanation.mutants);
    expect(new Set(mutants).size).toBe(mutants.length);
    for (const { why } of explanations) expect(why.split(" ").length).toBeGreaterThan(4);
  });
});
