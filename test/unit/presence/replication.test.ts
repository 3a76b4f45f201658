import { describe, expect, it } from "vitest";
import type { PresenceMeta } from "../../../server/rooms/presence.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { Network } from "./network.ts";
import { type Member, refsOf, TestNode, truth } from "./node.ts";

const ROOM = "lobby";
const MAX_CHUNK_BYTES = 65_536;

function setUp(count: number) {
  const clock = new ManualClock();
  const network = new Network(clock);
  const start = (name: string) => new TestNode(network, clock, name);
  const nodes = Array.from({ length: count }, (_, index) => start(`node ${index}`));
  clock.advance(100);
  const types = () =>
    network.sent.map(({ message }) => (JSON.parse(message) as { type: string }).type);
  return { clock, network, start, nodes: nodes as [TestNode, TestNode, TestNode], types };
}

/** A member on each node, each of which has been told of the others. */
function joinAll({ clock, nodes }: Pick<ReturnType<typeof setUp>, "clock" | "nodes">): Member[] {
  const members = nodes.map((node, index) =>
    node.join(ROOM, `key ${index}`, { phx_ref: `r${index}` }),
  );
  clock.advance(200);
  for (const { heard } of members) heard.length = 0;
  return members;
}

function expectTruth(nodes: readonly TestNode[]): void {
  const expected = truth(nodes, ROOM);
  for (const node of nodes) {
    expect(refsOf(node.state(ROOM))).toEqual(expected);
    for (const member of node.members) expect(member.view).toEqual(expected);
  }
}

describe("replication of presence", () => {
  it("tells each member of each change on every node, exactly once", () => {
    const { clock, nodes } = setUp(3);
    const [first, second] = nodes;
    const watchers = joinAll({ clock, nodes });
    const ann = first.join(ROOM, "ann", { phx_ref: "a" });
    clock.advance(200);
    second.update(watchers[1] as Member, { phx_ref: "b", n: 1 });
    clock.advance(200);
    first.leave(ann);
    clock.advance(200);
    for (const { heard } of watchers) expect(heard).toEqual(["+a", "+b", "-r1", "-a"]);
    expectTruth(nodes);
  });

  it("says within the window of both nodes what has changed", () => {
    const { clock, nodes } = setUp(2);
    const [, watcher] = joinAll({ clock, nodes });
    nodes[0].join(ROOM, "ann", { phx_ref: "a" });
    clock.advance(101);
    expect(watcher?.heard).toEqual(["+a"]);
  });

  it("gives a node that is new everybody, before anyone joins there", async () => {
    const { clock, nodes, start } = setUp(2);
    joinAll({ clock, nodes });
    const late = start("late");
    const ready = late.replication.ready(1000);
    clock.advance(1);
    await ready;
    const member = late.join(ROOM, "cas", { phx_ref: "c" });
    expect(member.view).toEqual(truth([...nodes, late], ROOM));
    clock.advance(200);
    expectTruth([...nodes, late]);
  });

  it("waits at a start no longer than it is told to", async () => {
    const { clock, nodes, start } = setUp(2);
    nodes[0].link.moveTo(1);
    const ready = start("late").replication.ready(1000);
    await Promise.resolve();
    clock.advance(1000);
    await ready;
  });

  it("knows who is in rooms that have no members here, and forgets those that are empty", () => {
    const { clock, nodes } = setUp(2);
    const ann = nodes[0].join("far", "ann", { phx_ref: "a" });
    clock.advance(200);
    expect(refsOf(nodes[1].state("far"))).toEqual(new Map([["ann", ["a"]]]));
    nodes[0].leave(ann);
    clock.advance(200);
    expect(nodes[1].presences.of("far")).toBeUndefined();
  });

  it("does not tell other nodes of someone who came and went within the window", () => {
    const { clock, network, nodes } = setUp(2);
    clock.advance(100);
    network.sent.length = 0;
    nodes[0].leave(nodes[0].join(ROOM, "ann", { phx_ref: "a" }));
    clock.advance(100);
    expect(network.sent).toEqual([]);
  });

  it("gathers 5,000 joins into messages of at most 64 KiB, and so few that traffic stays small", () => {
    const { clock, network, nodes } = setUp(2);
    network.sent.length = 0;
    for (let n = 0; n < 5000; n += 1) {
      nodes[0].presences.track(ROOM, `user ${n}`, { phx_ref: `ref${n}`, name: "some name" });
    }
    clock.advance(50);
    expect(network.sent.length).toBeLessThan(10);
    for (const { message } of network.sent) {
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(MAX_CHUNK_BYTES);
    }
    expect(Object.keys(nodes[1].state(ROOM))).toHaveLength(5000);
  });

  it("tells a large state in parts of at most 64 KiB, and changes made meanwhile after it", () => {
    const { clock, network, nodes, start } = setUp(1);
    const [first] = nodes;
    for (let n = 0; n < 20_000; n += 1) {
      first.presences.track(ROOM, `ключ ${n}`, { phx_ref: `ref${n}`, text: "x".repeat(100) });
    }
    clock.advance(100);
    network.sent.length = 0;
    const late = start("late");
    clock.advance(15);
    expect(late.state(ROOM)).toEqual({});
    first.presences.untrack(ROOM, "ключ 7", "ref7");
    first.presences.track(ROOM, "ann", { phx_ref: "a" });
    clock.advance(1000);
    const states = network.sent.filter(({ message }) => message.includes('"type":"state"'));
    expect(states.length).toBeGreaterThan(40);
    for (const { message } of network.sent) {
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(MAX_CHUNK_BYTES);
    }
    expect(refsOf(late.state(ROOM))).toEqual(refsOf(first.state(ROOM)));
    const questions = network.sent.filter(({ to, message }) => {
      return to === first.link.id && message.includes('"type":"ask"');
    });
    expect(questions).toHaveLength(1);
  });

  it("asks again for an answer of which a part was lost", () => {
    const { clock, network, nodes, start } = setUp(1);
    for (let n = 0; n < 3000; n += 1) {
      nodes[0].presences.track(ROOM, `user ${n}`, { phx_ref: `r${n}`, text: "x".repeat(100) });
    }
    clock.advance(100);
    network.faults = { loss: 0.4, repetition: 0.1, maxDelayMs: 5 };
    const late = start("late");
    clock.advance(3000);
    network.faults = { loss: 0, repetition: 0, maxDelayMs: 0 };
    clock.advance(5000);
    expect(Object.keys(late.state(ROOM))).toHaveLength(3000);
  });

  it("sees from the next heartbeat that it has missed a change", () => {
    const { clock, network, nodes } = setUp(2);
    const members = joinAll({ clock, nodes });
    network.faults = { loss: 1, repetition: 0, maxDelayMs: 0 };
    nodes[0].join(ROOM, "ann", { phx_ref: "a" });
    clock.advance(60);
    network.faults = { loss: 0, repetition: 0, maxDelayMs: 0 };
    clock.advance(1100);
    expect(members[1]?.heard).toEqual(["+a"]);
    expectTruth(nodes);
  });

  it("asks nobody and tells nothing but heartbeats while nothing changes", () => {
    const { clock, network, nodes, types } = setUp(3);
    joinAll({ clock, nodes });
    clock.advance(1000);
    network.sent.length = 0;
    clock.advance(10_000);
    expect(new Set(types())).toEqual(new Set(["beat"]));
    expect(network.sent).toHaveLength(30);
  });
});

describe("a node", () => {
  it("that is silent for too long is gone, once; heard again, it is back, once", () => {
    const { clock, nodes } = setUp(2);
    const [first, second] = nodes;
    const [, watcher] = joinAll({ clock, nodes });
    first.link.moveTo(1);
    clock.advance(9000);
    expect(watcher?.heard).toEqual([]);
    clock.advance(3000);
    expect(watcher?.heard).toEqual(["-r0"]);
    clock.advance(20_000);
    expect(watcher?.heard).toEqual(["-r0"]);
    first.link.moveTo(0);
    clock.advance(1200);
    expect(watcher?.heard).toEqual(["-r0", "+r0"]);
    clock.advance(5000);
    expect(watcher?.heard).toHaveLength(2);
    expectTruth([first, second]);
  });

  it("that was not heard for a short time is asked for what has changed, and only that is told", () => {
    const { clock, nodes } = setUp(2);
    const [first] = nodes;
    const [ann, watcher] = joinAll({ clock, nodes });
    first.join(ROOM, "stays", { phx_ref: "s" });
    clock.advance(200);
    first.link.moveTo(1);
    first.leave(ann as Member);
    first.join(ROOM, "ben", { phx_ref: "b" });
    clock.advance(5000);
    first.link.moveTo(0);
    clock.advance(1200);
    expect(watcher?.heard).toEqual(["+s", "+b", "-r0"]);
    expectTruth(nodes);
  });

  it("that is started again under its name takes the place of its former self at once, in one diff", () => {
    const { clock, nodes, start } = setUp(2);
    const [first, second] = nodes;
    const [, watcher] = joinAll({ clock, nodes });
    first.crash();
    clock.advance(300);
    const again = start("node 0");
    again.join(ROOM, "key 0", { phx_ref: "new" });
    clock.advance(150);
    expect(watcher?.heard).toEqual(expect.arrayContaining(["+new", "-r0"]));
    expect(watcher?.heard).toHaveLength(2);
    expect(again.problems).toEqual([]);
    expectTruth([again, second]);
  });

  it("that is started again with its clock set back does so after a short silence", () => {
    const { clock, network, nodes } = setUp(2);
    const [first, second] = nodes;
    const [, watcher] = joinAll({ clock, nodes });
    first.crash();
    const back = new ManualClock(clock.now() - 3_600_000);
    clock.advance(4000);
    const again = new TestNode(network, back, "node 0");
    again.join(ROOM, "key 0", { phx_ref: "new" });
    back.advance(100);
    clock.advance(200);
    back.advance(100);
    expect(watcher?.heard).toEqual(expect.arrayContaining(["+new", "-r0"]));
    expect(watcher?.heard).toHaveLength(2);
    expectTruth([again, second]);
  });

  it("that has the name of a live one keeps it; the older one takes another, and says so", () => {
    const { clock, nodes, start } = setUp(2);
    const [first, second] = nodes;
    joinAll({ clock, nodes });
    const twin = start("node 0");
    twin.join(ROOM, "twin", { phx_ref: "t" });
    clock.advance(2000);
    expect(first.replication.name).toMatch(/^node 0~\w+$/);
    expect(twin.replication.name).toBe("node 0");
    expect(first.problems).toEqual(["another node has this node's name; it takes another"]);
    expect([...second.problems, ...twin.problems]).toEqual([]);
    expectTruth([first, second, twin]);
    clock.advance(30_000);
    expectTruth([first, second, twin]);
  });

  it("that stops takes its members away at once", () => {
    const { clock, nodes } = setUp(2);
    const [first, second] = nodes;
    const [, watcher] = joinAll({ clock, nodes });
    first.stop();
    clock.advance(60);
    expect(watcher?.heard).toEqual(["-r0"]);
    expectTruth([second]);
    clock.advance(20_000);
    expect(watcher?.heard).toEqual(["-r0"]);
  });

  it("whose process was stopped reads what the others said before it judges them", () => {
    const clock = new ManualClock();
    const network = new Network(clock);
    const others = ["b", "c"].map((name) => new TestNode(network, clock, name));
    const itsClock = new ManualClock();
    const stopped = new TestNode(network, itsClock, "a");
    const nodes = [stopped, ...others];
    clock.advance(100);
    const [member, ...watchers] = nodes.map((node, index) =>
      node.join(ROOM, `key ${index}`, { phx_ref: `r${index}` }),
    );
    for (const each of [clock, itsClock, clock]) each.advance(1000);
    itsClock.advance(100);
    for (const each of [member, ...watchers]) if (each) each.heard.length = 0;
    stopped.link.pause();
    clock.advance(15_000);
    for (const { heard } of watchers) expect(heard).toEqual(["-r0"]);
    // The system runs its timers first.
    itsClock.advance(1000);
    stopped.link.resume();
    for (let n = 0; n < 30; n += 1) {
      itsClock.advance(100);
      clock.advance(100);
    }
    expect(member?.heard).toEqual([]);
    for (const { heard } of watchers) expect(heard).toEqual(["-r0", "+r0"]);
    expectTruth(nodes);
  });

  it("that does not even hear itself holds nobody's silence against them", () => {
    const { clock, network, nodes } = setUp(3);
    const members = joinAll({ clock, nodes });
    network.faults = { loss: 1, repetition: 0, maxDelayMs: 0 };
    clock.advance(60_000);
    nodes[0].leave(members[0] as Member);
    network.faults = { loss: 0, repetition: 0, maxDelayMs: 0 };
    clock.advance(2000);
    for (const { heard } of members.slice(1)) expect(heard).toEqual(["-r0"]);
    expectTruth(nodes);
  });
});

describe("a presence", () => {
  it.each(["__proto__", "constructor", "", "ключ", "\ud800"])(
    "under the key %j is as any other",
    (key) => {
      const { clock, nodes } = setUp(2);
      nodes[0].join("__proto__", key, { phx_ref: "a", ...JSON.parse('{"__proto__":{"x":1}}') });
      clock.advance(200);
      const text = JSON.stringify(nodes[1].state("__proto__"));
      expect(text).toBe(JSON.stringify(nodes[0].state("__proto__")));
      expect(text).toContain('"__proto__":{"x":1}');
      expect(({} as { x?: number }).x).toBeUndefined();
    },
  );

  it("may say anything in its meta, also where a phx_ref_prev stands otherwise", () => {
    const { clock, nodes } = setUp(2);
    const meta = { phx_ref: "a", phx_ref_prev: 5, toJSON: "x", metas: [null, {}] };
    nodes[0].join(ROOM, "ann", meta as unknown as PresenceMeta);
    clock.advance(200);
    expect(nodes[1].state(ROOM)).toEqual({ ann: { metas: [meta] } });
    expect(nodes[1].refused).toBe(0);
  });

  it("of more than 64 KiB is told alone; one that no message can carry is reported, and stays here", () => {
    const { clock, nodes } = setUp(2);
    nodes[0].join(ROOM, "large", { phx_ref: "l", text: "x".repeat(100_000) });
    nodes[0].join(ROOM, "huge", { phx_ref: "h", text: "x".repeat(1_048_576) });
    nodes[0].join(ROOM, "ann", { phx_ref: "a" });
    clock.advance(5000);
    expect(new Set(Object.keys(nodes[1].state(ROOM)))).toEqual(new Set(["ann", "large"]));
    expect(nodes[0].problems).toEqual(["presence too large to be told to other nodes"]);
    expect(nodes[1].refused).toBe(0);
  });
});
