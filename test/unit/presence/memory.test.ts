import { describe, expect, it } from "vitest";
import { usedHeap } from "../../support/heap.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { Network } from "./network.ts";
import { TestNode } from "./node.ts";

const COUNT = 10_000;
const MAX_BYTES_EACH = 2048;

describe("10,000 presences", () => {
  it.each([
    ["one room", () => "lobby"],
    ["a room each", (n: number) => `room ${n}`],
  ])("in %s take at most 2 kB each on a node that does not author them", (_where, roomOf) => {
    const clock = new ManualClock();
    const network = new Network(clock);
    const author = new TestNode(network, clock, "author");
    for (let n = 0; n < COUNT; n += 1) {
      const meta = { phx_ref: `K3x8Zq1b${n}`, name: `Person ${n}`, online_at: 1_700_000_000 + n };
      author.presences.track(roomOf(n), `user ${n}`, meta);
    }
    clock.advance(100);
    network.sent.length = 0;
    const before = usedHeap();
    const other = new TestNode(network, clock, "other");
    clock.advance(3000);
    network.sent.length = 0;
    const bytesEach = (usedHeap() - before) / COUNT;
    expect(other.replication.size).toBe(1);
    expect(other.presences.of(roomOf(COUNT - 1))).toBeDefined();
    expect(bytesEach).toBeGreaterThan(100);
    expect(bytesEach).toBeLessThan(MAX_BYTES_EACH);
  });
});
