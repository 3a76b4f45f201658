import { describe, expect, it } from "vitest";
import { StateSender } from "../../../server/presence/state-sender.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function setUp() {
  const clock = new ManualClock();
  const sent: string[] = [];
  const sender = new StateSender({
    clock,
    send: (to, nonce, { parts }, part) => sent.push(`${to} ${nonce} ${parts[part]}`),
  });
  const snapshot = (count: number) => ({
    number: 1,
    parts: Array.from({ length: count }, (_, part) => `p${part}`),
  });
  return { clock, sent, sender, snapshot };
}

describe("the sending of a state", () => {
  it("begins at once, and pauses after each MiB", () => {
    const { clock, sent, sender, snapshot } = setUp();
    sender.answer("a", "n", snapshot(40));
    expect(sent).toHaveLength(16);
    clock.advance(10);
    expect(sent).toHaveLength(32);
    clock.advance(10);
    clock.advance(1000);
    expect(sent).toEqual(Array.from({ length: 40 }, (_, part) => `a n p${part}`));
  });

  it("begins anew where the same node asks again", () => {
    const { clock, sent, sender, snapshot } = setUp();
    sender.answer("a", "n", snapshot(20));
    sender.answer("a", "m", snapshot(3));
    sent.length = 0;
    clock.advance(1000);
    expect(sent).toEqual(["a m p0", "a m p1", "a m p2"]);
  });

  it("gives one that asks again and again no more than anybody else", () => {
    const { clock, sent, sender, snapshot } = setUp();
    for (let n = 0; n < 1000; n += 1) sender.answer("greedy", `n${n}`, snapshot(40));
    sender.answer("b", "n", snapshot(2));
    expect(sent).toHaveLength(16);
    clock.advance(20);
    expect(sent.filter((part) => part.startsWith("b"))).toEqual(["b n p0", "b n p1"]);
    expect(sent.length).toBeLessThanOrEqual(48);
  });

  it("serves 256 nodes at once, each in its turn", () => {
    const { clock, sent, sender, snapshot } = setUp();
    for (let n = 0; n < 1000; n += 1) sender.answer(`node${n}`, "n", snapshot(17));
    clock.advance(20);
    expect(new Set(sent.map((part) => part.split(" ")[0])).size).toBe(32);
    clock.advance(10_000);
    expect(sent.length).toBeGreaterThanOrEqual(256 * 17);
    expect(sent.length).toBeLessThan(300 * 17);
  });

  it("ends where it is stopped", () => {
    const { clock, sent, sender, snapshot } = setUp();
    sender.answer("a", "n", snapshot(40));
    sender.stop();
    sender.stop();
    clock.advance(1000);
    expect(sent).toHaveLength(16);
  });
});
