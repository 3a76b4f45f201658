import { describe, expect, it } from "vitest";
import { Aliases } from "../../../server/rooms/aliases.ts";

function declared(...pairs: readonly [match: string, ...aliases: string[]][]): Aliases {
  const aliases = new Aliases();
  for (const [match, ...others] of pairs) aliases.declare(match, others);
  return aliases;
}

describe("a room's further names", () => {
  it("stand for the room, and what stands for the one `*` stands for the other", () => {
    const aliases = declared(["job_events-*", "job:*", "j:*"], ["control", "steering"]);
    expect(["job:42", "j:", "steering"].map((name) => aliases.roomOf(name))).toEqual([
      "job_events-42",
      "job_events-",
      "control",
    ]);
  });

  it("leave all other names alone", () => {
    const aliases = declared(["job_events-*", "job:*"], ["control", "steering"]);
    for (const name of ["job_events-42", "job", "steering2", "control", ""]) {
      expect(aliases.roomOf(name)).toBe(name);
    }
  });

  it("are those that were declared first where several cover a name", () => {
    expect(declared(["a*", "x:*"], ["b*", "x:y*"]).roomOf("x:y1")).toBe("ay1");
  });

  it.each([
    ["a:*", "b"],
    ["a", "b:*"],
  ])("fit their pattern: for %s there is no %s", (match, alias) => {
    expect(() => declared([match, alias])).toThrow(`alias ${alias} does not fit ${match}`);
  });
});
