import { describe, expect, it } from "vitest";
import { Crashes } from "../../../server/workers/crashes.ts";
import { ManualClock } from "../../support/manual-clock.ts";

describe("a worker that crashes", () => {
  it("is started again at once if it had lived for ten seconds", () => {
    const crashes = new Crashes(new ManualClock());
    for (let n = 0; n < 20; n += 1) {
      expect(crashes.note(10_000)).toEqual({ delayMs: 0, isRepeated: false });
    }
  });

  it("waits longer each time it crashes at once, ten seconds at most", () => {
    const clock = new ManualClock();
    const crashes = new Crashes(clock);
    const delays = Array.from({ length: 9 }, () => crashes.note(50).delayMs);
    expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    expect(crashes.note(10_000).delayMs).toBe(0);
    expect(crashes.note(50).delayMs).toBe(100);
  });

  it("does so again and again, if it is the fifth time within ten seconds", () => {
    const clock = new ManualClock();
    const crashes = new Crashes(clock);
    const isRepeated = Array.from({ length: 6 }, () => {
      clock.advance(1000);
      return crashes.note(50).isRepeated;
    });
    expect(isRepeated).toEqual([false, false, false, false, true, true]);
    clock.advance(10_000);
    expect(crashes.note(50).isRepeated).toBe(false);
  });
});
