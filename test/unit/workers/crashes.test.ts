import { describe, expect, it } from "vitest";
import { Crashes } from "../../../server/workers/crashes.ts";

describe("a worker that crashes", () => {
  it("is started again at once if it had lived for ten seconds", () => {
    const crashes = new Crashes();
    for (let n = 0; n < 20; n += 1) {
      expect(crashes.note(10_000)).toEqual({ delayMs: 0, isRepeated: false });
    }
  });

  it("waits longer each time it crashes at once, ten seconds at most", () => {
    const crashes = new Crashes();
    const delays = Array.from({ length: 9 }, () => crashes.note(50).delayMs);
    expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    expect(crashes.note(10_000).delayMs).toBe(0);
    expect(crashes.note(50).delayMs).toBe(100);
  });

  it("does so again and again, if it is the fifth time in a row, however slowly it starts", () => {
    const crashes = new Crashes();
    const isRepeated = (livedMs: number) => crashes.note(livedMs).isRepeated;
    const never = [false, false, false, false];
    expect([1, 2, 3, 4].map(() => isRepeated(9999))).toEqual(never);
    expect(isRepeated(10_000)).toBe(false);
    expect([1, 2, 3, 4].map(() => isRepeated(9999))).toEqual(never);
    expect([isRepeated(9999), isRepeated(50)]).toEqual([true, true]);
  });
});
