import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { HookCalls, NO_ANSWER } from "../../../../server/dialects/tower/hook-calls.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

function setUp() {
  const clock = new ManualClock();
  const crashes: string[] = [];
  const onCrash = (error: unknown, hook: string): void => void crashes.push(`${hook}: ${error}`);
  return { clock, crashes, calls: new HookCalls({ clock, timeoutMs: 1000, onCrash }) };
}

describe("a call of a hook", () => {
  it("gives the answer at once where it comes at once", () => {
    const { calls } = setUp();
    expect(calls.call("canSee", () => true)).toBe(true);
  });

  it("waits for a promise", async () => {
    const { calls, crashes, clock } = setUp();
    expect(await calls.call("canSee", async () => true)).toBe(true);
    clock.advance(2000);
    expect(crashes).toEqual([]);
  });

  it("waits for a promise of another library, which would look like a yes", async () => {
    const { calls } = setUp();
    const foreign: Promise<boolean> = runInNewContext("Promise.resolve(false)");
    expect(foreign).not.toBeInstanceOf(Promise);
    const answer = calls.call("canSee", () => foreign);
    expect(answer).toBeInstanceOf(Promise);
    expect(await answer).toBe(false);
  });

  it("that throws, rejects or takes too long has no answer, and is told of", async () => {
    const { calls, crashes, clock } = setUp();
    const fail = (): never => {
      throw new Error("boom");
    };
    expect(calls.call("canSee", fail)).toBe(NO_ANSWER);
    expect(await calls.call("canSee", async () => fail())).toBe(NO_ANSWER);
    const slow = calls.call("resolveUser", () => new Promise<boolean>(() => {}));
    clock.advance(1001);
    expect(await slow).toBe(NO_ANSWER);
    expect(crashes).toEqual([
      "canSee: Error: boom",
      "canSee: Error: boom",
      "resolveUser: Error: no answer from the hook resolveUser within 1000 ms",
    ]);
  });

  it("is waited for no longer once they are closed", async () => {
    const { calls, crashes } = setUp();
    const slow = calls.call("resolveUser", () => new Promise<boolean>(() => {}));
    calls.close();
    expect(await slow).toBe(NO_ANSWER);
    expect(crashes).toEqual([]);
  });
});
