import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CompiledExample, compileExample, startExample } from "../support/example.ts";

let example: CompiledExample;
beforeAll(async () => {
  example = await compileExample("tower");
});
afterAll(() => example.remove());

describe("the example's command", () => {
  it.each([
    [["--runner", "cobol"], '--runner is auto, python or typescript, not "cobol"'],
    [["--page-port", "x"], '--page-port is a number from 0 to 65535, not "x"'],
  ])("refuses %j in one line", async (args, line) => {
    const ended = await startExample(example, args, {}).end();
    expect(ended).toEqual({ code: 1, output: `${line}\n` });
  });
});
