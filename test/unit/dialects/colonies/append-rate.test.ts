import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppendRate } from "../../../../server/dialects/colonies/channels/append-rate.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

const settings = { appendBurst: 500, appendsPerSec: 100 };

function takeMany(rate: AppendRate, processId: string, times: number): number {
  let taken = 0;
  for (let time = 0; time < times; time += 1) if (rate.take(processId)) taken += 1;
  return taken;
}

describe("The rate of appends", () => {
  it("lets a process append 500 at once, and 100 a second from then on", () => {
    const clock = new ManualClock();
    const rate = new AppendRate(settings, clock);
    expect(takeMany(rate, "a", 600)).toBe(500);
    clock.advance(1000);
    expect(takeMany(rate, "a", 600)).toBe(100);
    clock.advance(10);
    expect(takeMany(rate, "a", 600)).toBe(1);
  });

  it("is a process's own", () => {
    const rate = new AppendRate(settings, new ManualClock());
    expect(takeMany(rate, "a", 600)).toBe(500);
    expect(takeMany(rate, "b", 600)).toBe(500);
  });

  it("never saves up more than a burst", () => {
    const clock = new ManualClock();
    const rate = new AppendRate(settings, clock);
    takeMany(rate, "a", 10);
    clock.advance(3_600_000);
    expect(takeMany(rate, "a", 600)).toBe(500);
  });

  it("costs nothing to be refused", () => {
    const clock = new ManualClock();
    const rate = new AppendRate({ appendBurst: 1, appendsPerSec: 1 }, clock);
    expect(takeMany(rate, "a", 100)).toBe(1);
    clock.advance(999);
    expect(takeMany(rate, "a", 100)).toBe(0);
    clock.advance(1);
    expect(takeMany(rate, "a", 100)).toBe(1);
  });

  it("is the same however the clock goes: never more than the burst and what the time gives", () => {
    const step = fc.record({ advanceMs: fc.nat(3000), takes: fc.nat(50) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const clock = new ManualClock();
        const rate = new AppendRate({ appendBurst: 20, appendsPerSec: 5 }, clock);
        let elapsedMs = 0;
        let taken = 0;
        for (const { advanceMs, takes } of steps) {
          clock.advance(advanceMs);
          elapsedMs += advanceMs;
          taken += takeMany(rate, "a", takes);
          expect(taken).toBeLessThanOrEqual(20 + (elapsedMs * 5) / 1000 + 1e-6);
        }
      }),
    );
  });

  it("stands still while the clock goes back", () => {
    let nowMs = 1_000_000;
    const rate = new AppendRate({ appendBurst: 1, appendsPerSec: 1 }, { now: () => nowMs });
    expect(rate.take("a")).toBe(true);
    nowMs -= 60_000;
    expect(rate.take("a")).toBe(false);
    nowMs += 1000;
    expect(rate.take("a")).toBe(true);
  });

  it("forgets processes that do not append any more", () => {
    const clock = new ManualClock();
    const rate = new AppendRate(settings, clock);
    for (let index = 0; index < 1000; index += 1) rate.take(`process ${index}`);
    clock.advance(4999);
    rate.take("late");
    expect(rate.size).toBe(1001);
    clock.advance(1);
    rate.take("late");
    expect(rate.size).toBe(1);
  });
});
