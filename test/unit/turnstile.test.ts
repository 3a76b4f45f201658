import { describe, expect, it } from "vitest";
import { Turnstile } from "../../server/turnstile.ts";
import { ManualClock } from "../support/manual-clock.ts";

const limits = { perSec: 100, burst: 3, maxWaiting: 10 };

/** A turnstile, and who has been answered, in order. */
function setUp(more = {}) {
  const clock = new ManualClock();
  const turnstile = new Turnstile({ ...limits, ...more }, clock);
  const answers: [string, boolean][] = [];
  const come = async (name: string) => {
    answers.push([name, await turnstile.pass()]);
  };
  return { clock, turnstile, answers, come };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("a turnstile", () => {
  it("answers at once, without a promise, while the way is free", () => {
    const { turnstile } = setUp();
    expect([turnstile.pass(), turnstile.pass(), turnstile.pass()]).toEqual([true, true, true]);
    expect(turnstile.waiting).toBe(0);
  });

  it("makes those wait who are too many, and lets them in one after the other, in order", async () => {
    const { clock, answers, come } = setUp();
    for (let n = 0; n < 8; n += 1) void come(String(n));
    await settled();
    expect(answers.map(([name]) => name)).toEqual(["0", "1", "2"]);
    for (const through of [4, 5, 6, 7, 8]) {
      clock.advance(10);
      await settled();
      expect(answers).toHaveLength(through);
    }
    expect(answers).toEqual(Array.from({ length: 8 }, (_, n) => [String(n), true]));
  });

  it("lets nobody overtake, also when the way has become free", async () => {
    const { clock, turnstile, answers, come } = setUp();
    for (const name of ["a", "b", "c", "waits"]) void come(name);
    // The time for another has come, but the turnstile's own timer has not run yet.
    clock.shift(10);
    const early = turnstile.pass();
    expect(early).toBeInstanceOf(Promise);
    clock.advance(20);
    expect(await early).toBe(true);
    expect(answers.map(([name]) => name)).toEqual(["a", "b", "c", "waits"]);
  });

  it("keeps to its rate for as long as they come", async () => {
    const { clock, answers, come } = setUp({ maxWaiting: 1000 });
    for (let n = 0; n < 500; n += 1) void come(String(n));
    clock.advance(2000);
    await settled();
    expect(answers).toHaveLength(203);
  });

  it("lets no more than a burst in at once, however long it was quiet before", () => {
    const { clock, turnstile } = setUp();
    clock.advance(3_600_000);
    const passed = Array.from({ length: 6 }, () => turnstile.pass()).filter((way) => way === true);
    expect(passed).toHaveLength(3);
  });

  it("takes a whole second's worth as its burst unless told otherwise", () => {
    const turnstile = new Turnstile({ perSec: 100, maxWaiting: 1 }, new ManualClock());
    const passed = Array.from({ length: 200 }, () => turnstile.pass()).filter(
      (way) => way === true,
    );
    expect(passed).toHaveLength(100);
  });

  it("refuses at once who comes when too many wait", async () => {
    const { turnstile, come } = setUp({ maxWaiting: 2 });
    for (let n = 0; n < 5; n += 1) void come(String(n));
    expect(turnstile.waiting).toBe(2);
    expect(turnstile.pass()).toBe(false);
  });

  it("lets go of who gives up, whose place nobody pays for", async () => {
    const { clock, turnstile, answers, come } = setUp();
    for (const name of ["a", "b", "c"]) void come(name);
    let giveUp = (): void => {};
    let watches = 0;
    const quitter = turnstile.pass((given) => {
      watches += 1;
      giveUp = given;
      return () => {
        watches -= 1;
      };
    });
    void come("patient");
    giveUp();
    expect(await quitter).toBe(false);
    expect(watches).toBe(0);
    clock.advance(10);
    await settled();
    expect(answers.map(([name]) => name)).toEqual(["a", "b", "c", "patient"]);
    giveUp();
    expect(turnstile.waiting).toBe(0);
  });

  it("lets go of who is gone already when the wait begins", async () => {
    const { turnstile, come } = setUp();
    for (const name of ["a", "b", "c"]) void come(name);
    let isWatched = true;
    const gone = turnstile.pass((giveUp) => {
      giveUp();
      return () => {
        isWatched = false;
      };
    });
    expect(await gone).toBe(false);
    expect([turnstile.waiting, isWatched]).toEqual([0, false]);
  });

  it("does not watch those who need not wait", () => {
    const { turnstile } = setUp();
    void turnstile.pass(() => {
      throw new Error("watched");
    });
  });

  it("ends each watch when its wait is over", async () => {
    const { clock, turnstile, come } = setUp();
    for (const name of ["a", "b", "c"]) void come(name);
    let ended = 0;
    const way = turnstile.pass(() => () => {
      ended += 1;
    });
    clock.advance(10);
    expect(await way).toBe(true);
    expect(ended).toBe(1);
  });

  it("goes on at its rate when the machine's clock has gone back", async () => {
    const { clock, turnstile } = setUp();
    for (let n = 0; n < 3; n += 1) void turnstile.pass();
    const way = turnstile.pass();
    clock.shift(-3_600_000);
    clock.advance(30);
    expect(await way).toBe(true);
  });

  it("sends all away who wait when it closes, and lets nobody in after", async () => {
    const { clock, turnstile, answers, come } = setUp();
    for (const name of ["a", "b", "c", "late", "later"]) void come(name);
    turnstile.close();
    turnstile.close();
    await settled();
    expect(answers.slice(3)).toEqual([
      ["late", false],
      ["later", false],
    ]);
    clock.advance(1000);
    expect(turnstile.pass()).toBe(false);
  });

  it("costs less than a microsecond where the way is free", () => {
    const turnstile = new Turnstile(
      { perSec: 1_000_000_000, maxWaiting: 1 },
      { now: Date.now, after: () => () => {}, every: () => () => {} },
    );
    const rounds = 200_000;
    for (let n = 0; n < rounds; n += 1) void turnstile.pass();
    const startedAt = process.hrtime.bigint();
    for (let n = 0; n < rounds; n += 1) void turnstile.pass();
    const eachNs = Number(process.hrtime.bigint() - startedAt) / rounds;
    expect(eachNs).toBeLessThan(1000);
  });
});
