import { describe, expect, it } from "vitest";
import { CANARY_TIMES, Canary } from "../../../server/bus/canary.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** A canary whose words come back as long as nothing is wrong. */
function createCanary(names: readonly string[] = ["a way"]) {
  const clock = new ManualClock();
  const silences: string[] = [];
  const state: { isSending: boolean; isHeard: boolean; words: number } = {
    isSending: true,
    isHeard: true,
    words: 0,
  };
  const ways = names.map((name) => ({
    name,
    source: name,
    send: (word: string): Promise<void> => {
      state.words += 1;
      if (!state.isSending) return new Promise(() => {});
      if (state.isHeard) canary.heard(name, word);
      return Promise.resolve();
    },
  }));
  const canary: Canary = new Canary({
    clock,
    times: CANARY_TIMES,
    ways: () => ways,
    onSilence: (reason) => silences.push(reason),
  });
  /** Lets time pass as it does for a program that is not held up. */
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 100) {
      clock.advance(100);
      await Promise.resolve();
    }
  };
  return { canary, clock, silences, state, pass };
}

describe("a canary", () => {
  it("is content while its words come back", async () => {
    const { canary, silences, state, pass } = createCanary();
    canary.start();
    await pass(60_000);
    expect(silences).toEqual([]);
    expect(state.words).toBe(30);
  });

  it.each([
    ["nothing is answered any more", { isSending: false }, "no answer"],
    ["what is sent is not heard any more", { isHeard: false }, "a way is not heard"],
  ])("notices within 5 s that %s, whenever that begins", async (_what, change, reason) => {
    for (let delayMs = 100; delayMs <= 2500; delayMs += 100) {
      const { canary, silences, state, pass } = createCanary();
      canary.start();
      await pass(delayMs);
      Object.assign(state, change);
      await pass(2000);
      expect(silences).toEqual([]);
      await pass(2900);
      expect(silences).toEqual([reason]);
      await pass(10_000);
      expect(silences).toEqual([reason]);
    }
  });

  it("notices that one of two ways is silent", async () => {
    const { canary, silences, pass } = createCanary(["one", "two"]);
    canary.start();
    const { heard } = canary;
    canary.heard = (way, word) => way === "one" && heard.call(canary, way, word);
    await pass(5000);
    expect(silences).toEqual(["two is not heard"]);
  });

  it("does not blame Redis for the time in which its own process was held up", () => {
    const { canary, clock, silences, state } = createCanary();
    state.isSending = false;
    canary.start();
    clock.advance(500);
    // The timer of a process that was stopped runs once; what came meanwhile is read after that.
    canary.heard("a way", "1");
    clock.advance(500);
    expect(silences).toEqual([]);
  });

  it("waits longer while other messages come, which its word may be behind", async () => {
    const { canary, silences, state, pass } = createCanary();
    canary.start();
    await pass(600);
    state.isHeard = false;
    for (let second = 0; second < 8; second += 0.5) {
      canary.hears("a way");
      await pass(500);
    }
    expect(silences).toEqual([]);
    for (let second = 0; second < 3; second += 0.5) {
      canary.hears("a way");
      await pass(500);
    }
    expect(silences).toEqual(["a way is not heard"]);
  });

  it("waits no longer for one server because messages come from another", async () => {
    const { canary, silences, pass } = createCanary(["one", "two"]);
    canary.start();
    const { heard } = canary;
    canary.heard = (way, word) => way === "one" && heard.call(canary, way, word);
    for (let second = 0; second < 5; second += 0.5) {
      canary.hears("one");
      await pass(500);
    }
    expect(silences).toEqual(["two is not heard"]);
  });

  it("takes no stranger's word for its own", async () => {
    const { canary, silences, state, pass } = createCanary();
    canary.start();
    await pass(600);
    state.isHeard = false;
    await pass(2000);
    for (const word of ["", "0", "999", "a word"]) canary.heard("a way", word);
    await pass(3000);
    expect(silences).toEqual(["a way is not heard"]);
  });

  it("is quiet once it is stopped, and sings again when it is started", async () => {
    const { canary, silences, state, pass } = createCanary();
    canary.start();
    canary.start();
    await pass(1000);
    canary.stop();
    canary.stop();
    state.isHeard = false;
    const { words } = state;
    await pass(10_000);
    expect([silences, state.words]).toEqual([[], words]);
    canary.start();
    await pass(5000);
    expect(silences).toEqual(["a way is not heard"]);
  });
});
