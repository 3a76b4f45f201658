import { describe, expect, it } from "vitest";
import { covers, literal, withoutOverlap } from "../../../server/bus/patterns.ts";

describe("a name as a pattern of Redis", () => {
  it("means itself, whatever characters it has", () => {
    expect(literal("a*b?c[d]e\\f^g-h")).toBe("a\\*b\\?c\\[d\\]e\\\\f\\^g-h");
    expect(literal("weather:wind")).toBe("weather:wind");
  });
});

describe("room patterns without overlap", () => {
  it("cover the same rooms, each of them once", () => {
    expect(withoutOverlap(["log:*", "log:a", "log:a*", "log:*", "other"])).toEqual([
      "log:*",
      "other",
    ]);
    expect(withoutOverlap(["a:*", "*", "b"])).toEqual(["*"]);
    expect(withoutOverlap([])).toEqual([]);
  });

  it("cover a room by its exact name, or by its beginning", () => {
    expect(covers("log:a", "log:a")).toBe(true);
    expect(covers("log:a", "log:ab")).toBe(false);
    expect(covers("log:*", "log:")).toBe(true);
    expect(covers("log:*", "log")).toBe(false);
  });
});
