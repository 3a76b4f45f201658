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
    sender.answer("a", "m", snapshot(20));
    sent.length = 0;
    clock.advance(1000);
    expect(sent).toEqual(["a m p16", "a m p17", "a m p18", "a m p19"]);
  });

  it("serves any number of nodes, 256 of them at once", () => {
    const { clock, sent, sender, snapshot } = setUp();
    for (let n = 0; n < 1000; n += 1) sender.answer(`small${n}`, "n", snapshot(1));
    expect(sent).toHaveLength(1000);
    sent.length = 0;
    for (let n = 0; n < 1000; n += 1) sender.answer(`large${n}`, "n", snapshot(17));
    clock.advance(1000);
    expect(sent).toHaveLength(256 * 17);
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
