import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../support/manual-clock.ts";
import { Network, noFaults } from "./network.ts";
import { refsOf, TestNode, truth } from "./node.ts";

/** More of them find rarer histories; a few seconds' worth here. */
const RUNS = 1000;
const rooms = ["a", "b"];
const keys = ["ann", "ben", "__proto__"];
const node = fc.nat({ max: 2 });

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("join" as const), node, pick: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("leave" as const), node, pick: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("update" as const), node, pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("crash" as const), node, pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("stop" as const), node, pick: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("part" as const), node, pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("heal" as const), node, pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("twin" as const), node, pick: fc.nat() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      node,
      pick: fc.constantFrom(1, 20, 60, 400, 3000, 15_000),
    }),
  },
);
const faults = fc.record({
  loss: fc.constantFrom(0, 0, 0.1, 0.5),
  repetition: fc.constantFrom(0, 0.3),
  maxDelayMs: fc.constantFrom(0, 0, 30, 700),
});

interface Step {
  readonly do: string;
  readonly node: number;
  readonly pick: number;
}

/** Three nodes in a network, to which things happen. */
class World {
  readonly clock = new ManualClock();
  readonly network: Network;
  readonly nodes: TestNode[];
  /** Further nodes that were given the name of one of the three. */
  readonly twins: TestNode[] = [];
  #refs = 0;

  constructor(seed: number) {
    let state = seed + 1;
    this.network = new Network(this.clock, () => {
      // A linear congruential generator, so that a counter-example can be repeated.
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    });
    this.nodes = [0, 1, 2].map((index) => this.#start(index));
  }

  get all(): TestNode[] {
    return [...this.nodes, ...this.twins];
  }

  do({ do: action, node: index, pick }: Step): void {
    const at = this.nodes[index] as TestNode;
    const member = [...at.members][pick % Math.max(1, at.members.size)];
    const [room = "a"] = rooms.slice(pick % rooms.length);
    const [key = "ann"] = keys.slice(pick % keys.length);
    if (action === "join") at.join(room, key, this.#meta(pick));
    if (action === "leave" && member !== undefined) at.leave(member);
    if (action === "update" && member !== undefined) at.update(member, this.#meta(pick));
    if (action === "part") at.link.moveTo(pick % 3);
    if (action === "heal") this.network.heal();
    if (action === "wait") this.clock.advance(pick);
    if (action === "twin" && this.twins.length < 2) this.#addTwin(index, key, pick);
    if (action === "crash" || action === "stop") {
      at[action]();
      this.nodes[index] = this.#start(index);
    }
  }

  #addTwin(index: number, key: string, pick: number): void {
    const twin = this.#start(index);
    this.twins.push(twin);
    twin.join("a", key, this.#meta(pick));
  }

  #start(index: number): TestNode {
    return new TestNode(this.network, this.clock, `node ${index}`);
  }

  #meta(n: number) {
    this.#refs += 1;
    return { phx_ref: `r${this.#refs}`, n };
  }
}

describe("presence across nodes", () => {
  it("is the truth on every node and in every member's view, once all is quiet, whatever happened", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 1_000_000 }),
        faults,
        fc.array(step, { maxLength: 60 }),
        (seed, trouble, steps) => {
          const world = new World(seed);
          world.network.faults = trouble;
          for (const one of steps) world.do(one);
          world.network.faults = noFaults;
          world.network.heal();
          world.clock.advance(30_000);
          const names = world.all.map(({ replication }) => replication.name);
          expect(new Set(names).size).toBe(names.length);
          expect(names).toEqual(expect.arrayContaining(["node 0", "node 1", "node 2"]));
          for (const room of rooms) {
            const expected = truth(world.all, room);
            for (const node of world.all) {
              expect(refsOf(node.state(room))).toEqual(expected);
              expect(node.replication.size).toBe(world.all.length - 1);
              for (const member of node.members) {
                if (member.room === room) expect(member.view).toEqual(expected);
              }
            }
          }
        },
      ),
      { numRuns: RUNS },
    );
  });
});
