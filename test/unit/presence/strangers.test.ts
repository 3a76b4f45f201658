import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../support/manual-clock.ts";
import { Network } from "./network.ts";
import { refsOf, TestNode, truth } from "./node.ts";

const ROOM = "lobby";
const head = { v: 1, id: "strangerstranger", name: "stranger", startedAtMs: 1, number: 1 };
const entry = [ROOM, "evil", { phx_ref: "e" }];

function setUp() {
  const clock = new ManualClock();
  const network = new Network(clock);
  const nodes = ["a", "b"].map((name) => new TestNode(network, clock, name));
  const [first, second] = nodes as [TestNode, TestNode];
  clock.advance(100);
  const members = [
    first.join(ROOM, "ann", { phx_ref: "a" }),
    second.join(ROOM, "ben", { phx_ref: "b" }),
  ];
  clock.advance(200);
  for (const { heard } of members) heard.length = 0;
  const say = (message: unknown): void => {
    const isReady = typeof message === "string" || message instanceof Uint8Array;
    network.send(undefined, undefined, isReady ? message : JSON.stringify(message));
    clock.advance(1);
  };
  const expectUnmoved = (): void => {
    clock.advance(3000);
    for (const node of nodes) expect(refsOf(node.state(ROOM))).toEqual(truth(nodes, ROOM));
    for (const { heard } of members) expect(heard).toEqual([]);
  };
  return { clock, network, nodes, first, second, say, expectUnmoved };
}

const wrong: readonly (readonly [string, unknown])[] = [
  ["nothing", ""],
  ["no JSON", "garbage"],
  ["bytes", Buffer.from([0xff, 0x00, 0x81])],
  ["half a message", '{"v":1,"type":"beat"'],
  ["null", null],
  ["a list", [1, 2, 3]],
  ["a number", 7],
  ["deep nesting", "[".repeat(500_000)],
  ["no version", { ...head, v: undefined, type: "beat" }],
  ["another version", { ...head, v: 2, type: "beat" }],
  ["no type", head],
  ["an unknown type", { ...head, type: "toString" }],
  ["an id of other characters", { ...head, type: "beat", id: "a:b c*d?efgh" }],
  ["a long id", { ...head, type: "beat", id: "x".repeat(65) }],
  ["an id that is no text", { ...head, type: "beat", id: ["strangerstranger"] }],
  ["no name", { ...head, type: "beat", name: "" }],
  ["a long name", { ...head, type: "beat", name: "x".repeat(256) }],
  ["a name that is an object", { ...head, type: "beat", name: {} }],
  ["a negative number", { ...head, type: "beat", number: -1 }],
  ["a fraction", { ...head, type: "beat", number: 1.5 }],
  ["a number beyond all counting", { ...head, type: "beat", number: 1e300 }],
  ["a start that is text", { ...head, type: "beat", startedAtMs: "now" }],
  ["a change without lists", { ...head, type: "delta" }],
  ["a change number 0", { ...head, type: "delta", number: 0, joins: [], leaves: [] }],
  ["joins that are an object", { ...head, type: "delta", joins: {}, leaves: [] }],
  ["an entry that is short", { ...head, type: "delta", joins: [[ROOM, "k"]], leaves: [] }],
  ["a meta without a phx_ref", { ...head, type: "delta", joins: [[ROOM, "k", {}]], leaves: [] }],
  ["a meta that is a list", { ...head, type: "delta", joins: [[ROOM, "k", []]], leaves: [] }],
  ["a room that is no name", { ...head, type: "delta", joins: [["", "k", { phx_ref: "x" }]] }],
  ["a leave that is no text", { ...head, type: "delta", joins: [], leaves: [{ phx_ref: "a" }] }],
  ["a question to nobody", { ...head, type: "ask", to: 7, nonce: "nonce0001" }],
  ["a question to another", { ...head, type: "ask", to: "somebodyelse", nonce: "nonce0001" }],
  ["an answer that nobody asked for", { ...head, ...part({ presences: [entry] }) }],
  ["a part beyond the last", { ...head, ...part({ part: 1 }) }],
  ["too many parts", { ...head, ...part({ parts: 1e6 }) }],
  ["an answer without presences", { ...head, ...part({ presences: "all" }) }],
];

function part(changes: object) {
  return { type: "state", nonce: "nonce0001", part: 0, parts: 1, presences: [], ...changes };
}

describe("a message that no node can have sent", () => {
  it.each(wrong)("(%s) is counted and ignored", (_what, message) => {
    const { nodes, say, expectUnmoved } = setUp();
    say(message);
    for (const { refused } of nodes) expect(refused).toBe(1);
    expectUnmoved();
  });

  it("and is larger than 1 MiB is not even read", () => {
    const { nodes, say, expectUnmoved } = setUp();
    say(JSON.stringify({ ...head, type: "beat", more: "x".repeat(1_048_576) }));
    for (const { refused, replication } of nodes) {
      expect(refused).toBe(1);
      expect(replication.size).toBe(1);
    }
    expectUnmoved();
  });

  it("never throws, whatever it is", () => {
    const { nodes, say, expectUnmoved } = setUp();
    const type = fc.constantFrom("beat", "delta", "ask", "state", "x");
    const fields = fc.record({
      ...Object.fromEntries(Object.keys(head).map((key) => [key, fc.anything()])),
      type,
      joins: fc.anything(),
      leaves: fc.anything(),
      presences: fc.anything(),
    });
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.uint8Array(), fields), (message) => {
        const isReady = typeof message === "string" || message instanceof Uint8Array;
        say(isReady ? message : asText(message));
      }),
      { numRuns: 2000 },
    );
    expect(nodes[0]?.refused).toBeGreaterThan(1000);
    expectUnmoved();
  });
});

/** Text of a value; nothing where it holds what JSON cannot say. */
function asText(value: object): string {
  try {
    return JSON.stringify(value);
  } catch {
    return "";
  }
}

describe("a stranger that talks as nodes do, and answers nothing", () => {
  it("makes nobody present", () => {
    const { say, expectUnmoved, nodes } = setUp();
    say({ ...head, type: "beat", number: 0 });
    say({ ...head, type: "delta", joins: [entry], leaves: [] });
    say({ ...head, ...part({ presences: [entry] }) });
    say({ ...head, type: "beat" });
    expectUnmoved();
    for (const { replication } of nodes) expect(replication.size).toBe(1);
  });

  it("under a node's name takes nothing away from it", () => {
    const { say, expectUnmoved, nodes } = setUp();
    say({ ...head, name: "a", startedAtMs: 1e15, type: "bye" });
    say({ ...head, name: "a", startedAtMs: 1e15, type: "beat" });
    expectUnmoved();
    expect(nodes.map(({ replication }) => replication.name)).toEqual(["a", "b"]);
    for (const { problems } of nodes) expect(problems).toEqual([]);
  });

  it("is asked a few times, and then forgotten", () => {
    const { clock, network, say } = setUp();
    say({ ...head, type: "beat" });
    clock.advance(30_000);
    network.sent.length = 0;
    clock.advance(10_000);
    expect(network.sent.filter(({ message }) => message.includes('"ask"'))).toEqual([]);
  });

  it("does so in ten thousand names without making the nodes talk more than they can", () => {
    const { clock, network, nodes, expectUnmoved } = setUp();
    network.sent.length = 0;
    for (let n = 0; n < 10_000; n += 1) {
      const message = JSON.stringify({ ...head, id: `stranger${n}`, type: "beat" });
      for (const { replication } of nodes) replication.receive(message);
    }
    expect(network.sent.length).toBeGreaterThan(0);
    expect(network.sent.length).toBeLessThanOrEqual(nodes.length * 2000);
    network.sent.length = 0;
    clock.advance(3000);
    const questions = network.sent.filter(({ message }) => message.includes('"ask"'));
    expect(questions.length).toBeGreaterThan(0);
    expect(questions.length).toBeLessThanOrEqual(nodes.length * 256);
    expectUnmoved();
    for (const { replication } of nodes) expect(replication.size).toBe(1);
  });

  it("does not keep nodes from one that comes after them", () => {
    const { clock, network, nodes } = setUp();
    for (let n = 0; n < 500; n += 1) {
      const message = JSON.stringify({ ...head, id: `stranger${n}`, type: "beat" });
      network.send(undefined, undefined, message);
    }
    const late = new TestNode(network, clock, "late");
    late.join(ROOM, "cas", { phx_ref: "c" });
    clock.advance(3000);
    const all = [...nodes, late];
    for (const node of all) expect(refsOf(node.state(ROOM))).toEqual(truth(all, ROOM));
  });
});

describe("a node's number that is forged by one who knows its id", () => {
  it("costs questions, and changes nothing", () => {
    const { clock, network, first, say, expectUnmoved } = setUp();
    say({ ...head, id: first.link.id, name: "a", type: "beat", number: 1_000_000 });
    expectUnmoved();
    network.sent.length = 0;
    clock.advance(10_000);
    expect(network.sent.filter(({ message }) => message.includes('"ask"'))).toEqual([]);
  });
});
