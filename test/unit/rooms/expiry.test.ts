import { describe, expect, it } from "vitest";
import { Expiry } from "../../../server/rooms/expiry.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function setUp() {
  const clock = new ManualClock();
  const expired: string[] = [];
  const expiry = new Expiry<string>(clock, (item) => expired.push(item));
  return { clock, expired, expiry, startMs: clock.now() };
}

describe("expiry", () => {
  it("ends an item once its time has come, and not before", () => {
    const { clock, expired, expiry, startMs } = setUp();
    expiry.add("a", startMs + 5000);
    clock.advance(4900);
    expect(expired).toEqual([]);
    clock.advance(400);
    expect(expired).toEqual(["a"]);
    clock.advance(10_000);
    expect(expired).toEqual(["a"]);
  });

  it("ends what is past its time already at the next check", () => {
    const { clock, expired, expiry, startMs } = setUp();
    expiry.add("a", startMs - 60_000);
    clock.advance(1500);
    expect(expired).toEqual(["a"]);
  });

  it("waits for a time that no timer of Node could", () => {
    const { clock, expired, expiry, startMs } = setUp();
    expiry.add("a", startMs + 3_153_600_000_000);
    clock.advance(60_000);
    expect(expired).toEqual([]);
  });

  it("forgets what was taken out, also if its time was past", () => {
    const { clock, expired, expiry, startMs } = setUp();
    for (const atMs of [startMs + 1000, startMs - 1000]) {
      expiry.add("a", atMs);
      expiry.remove("a", atMs);
    }
    clock.advance(10_000);
    expect(expired).toEqual([]);
  });

  it("ends nothing after it was stopped", () => {
    const { clock, expired, expiry, startMs } = setUp();
    expiry.add("a", startMs + 1000);
    expiry.stop();
    expiry.stop();
    clock.advance(10_000);
    expect(expired).toEqual([]);
  });
});
