import { describe, expect, it } from "vitest";
import { RoomTopics } from "../../../server/bus/room-topics.ts";
import type { Servers } from "../../../server/bus/servers.ts";
import { Subscriptions } from "../../../server/bus/subscriptions.ts";
import { type Clock, systemClock } from "../../../server/clock.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** Topics of rooms while Redis is away, so that nothing takes time. */
function createTopics() {
  const clock = new ManualClock();
  return { clock, ...createTopicsBy(clock) };
}

function createTopicsBy(clock: Clock) {
  const subscriptions = new Subscriptions({
    onHeard: () => {},
    onCrash: () => {},
    onRefused: () => {},
  });
  const members = new Set<string>();
  const closed: string[] = [];
  const late: string[] = [];
  const topics = new RoomTopics({
    subscriptions,
    clock,
    sources: [
      {
        open: (room) => [{ kind: "channel", name: `channel of ${room}`, listener: () => {} }],
        close: (room) => closed.push(room),
      },
      { open: (room) => [{ kind: "shard", name: `shard of ${room}`, listener: () => {} }] },
    ],
    hasMembers: (room) => members.has(room),
    onLate: (room) => late.push(room),
  });
  const join = (room: string): void => {
    void topics.open(room);
    members.add(room);
  };
  const leave = (room: string): void => {
    members.delete(room);
    topics.left(room);
  };
  return { subscriptions, topics, closed, late, join, leave };
}

/** A Redis that answers what is asked of it once it is told to. */
function attach(subscriptions: Subscriptions) {
  const answers: (() => void)[] = [];
  const ask = () => new Promise<void>((resolve) => answers.push(resolve));
  const client = { subscribe: ask, sSubscribe: ask, pSubscribe: ask };
  const servers = { first: client, ownerOf: () => client, isCluster: false } as unknown as Servers;
  return {
    attached: subscriptions.attach(servers, true, () => {}),
    answer: () => {
      for (const resolve of answers) resolve();
    },
  };
}

describe("the topics of a room", () => {
  it("are listened to while it has members, and a few seconds longer", () => {
    const { clock, subscriptions, topics, closed, join, leave } = createTopics();
    join("a");
    expect(subscriptions.size).toBe(2);
    clock.advance(60_000);
    expect(subscriptions.size).toBe(2);
    leave("a");
    clock.advance(4000);
    expect(subscriptions.size).toBe(2);
    clock.advance(2000);
    expect([subscriptions.size, topics.size, closed]).toEqual([0, 0, ["a"]]);
  });

  it("do not flap where members come and go", () => {
    const { clock, subscriptions, closed, join, leave } = createTopics();
    for (let round = 0; round < 20; round += 1) {
      join("a");
      clock.advance(1000);
      leave("a");
      clock.advance(4000);
      expect(subscriptions.size).toBe(2);
    }
    join("a");
    clock.advance(60_000);
    expect([subscriptions.size, closed]).toEqual([2, []]);
  });

  it("are let go where nobody comes who was expected", () => {
    const { clock, subscriptions, topics } = createTopics();
    expect(topics.open("a")).toBeUndefined();
    expect(subscriptions.size).toBe(2);
    clock.advance(5000);
    expect(subscriptions.size).toBe(0);
  });

  it("that are there in time are waited for, and told of no further", async () => {
    const { clock, subscriptions, topics, late } = createTopics();
    const { attached, answer } = attach(subscriptions);
    await attached;
    const opening = topics.open("a");
    expect(opening).toBeInstanceOf(Promise);
    answer();
    await opening;
    clock.advance(60_000);
    expect(late).toEqual([]);
  });

  it("that come while the node is busy are not too late", async () => {
    const { subscriptions, topics, late } = createTopicsBy(systemClock);
    const { attached, answer } = attach(subscriptions);
    await attached;
    const opening = topics.open("a");
    // Behind the timers that are due by then.
    setImmediate(() => setImmediate(answer));
    const busyUntilMs = performance.now() + 1100;
    while (performance.now() < busyUntilMs);
    await opening;
    await new Promise(setImmediate);
    expect(late).toEqual([]);
    topics.stop();
  });

  it("that come too late for a join let it go, and are told of once they are there", async () => {
    const { clock, subscriptions, topics, late, join } = createTopics();
    const { attached, answer } = attach(subscriptions);
    await attached;
    join("a");
    const opening = topics.open("a");
    clock.advance(1000);
    await opening;
    expect(late).toEqual([]);
    answer();
    await new Promise(setImmediate);
    expect(late).toEqual(["a"]);
  });

  it("that are there when nobody is in the room any more are told of to nobody", async () => {
    const { clock, subscriptions, topics, late } = createTopics();
    const { attached, answer } = attach(subscriptions);
    await attached;
    const opening = topics.open("a");
    clock.advance(60_000);
    await opening;
    expect(topics.size).toBe(0);
    answer();
    await new Promise(setImmediate);
    expect(late).toEqual([]);
  });

  it("leave no timers behind", () => {
    const { clock, subscriptions, topics, closed, join, leave } = createTopics();
    void topics.open("a");
    join("b");
    topics.stop();
    topics.stop();
    leave("b");
    clock.advance(60_000);
    expect(topics.open("c")).toBeUndefined();
    expect([subscriptions.size, closed]).toEqual([4, []]);
  });
});
