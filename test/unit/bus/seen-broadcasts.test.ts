import { describe, expect, it } from "vitest";
import { SeenBroadcasts } from "../../../server/bus/seen-broadcasts.ts";

describe("a broadcast that comes on several channels", () => {
  it("is new once", () => {
    const seen = new SeenBroadcasts();
    expect(["a", "b", "a", "b", "a"].map((id) => seen.isNew(id))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it("is remembered among ten thousand others, and forgotten after them", () => {
    const seen = new SeenBroadcasts();
    seen.isNew("first");
    for (let n = 0; n < 9999; n += 1) seen.isNew(String(n));
    expect(seen.isNew("first")).toBe(false);
    seen.isNew("one more");
    expect(seen.isNew("first")).toBe(true);
  });
});
