import { describe, expect, it } from "vitest";
import { Crashes } from "../../../server/workers/crashes.ts";
import { ManualClock } from "../../support/manual-clock.ts";

describe("a worker that crashes", () => {
  it("is started again at once if it had lived for ten seconds", () => {
    const crashes = new Crashes(new ManualClock());
    for (let n = 0; n < 20; n += 1) expect(crashes.note(10_000)).toBe(0);
  });

  it("waits longer each time it crashes at once, and is given up at the fifth", () => {
    const clock = new ManualClock();
    const crashes = new Crashes(clock);
    const delays = Array.from({ length: 5 }, () => {
      clock.advance(1000);
      return crashes.note(50);
    });
    expect(delays).toEqual([100, 200, 400, 800, undefined]);
  });

  it("is forgiven what is ten seconds past", () => {
    const clock = new ManualClock();
    const crashes = new Crashes(clock);
    for (let n = 0; n < 12; n += 1) {
      expect(crashes.note(50)).toBeTypeOf("number");
      clock.advance(2500);
    }
  });
});
