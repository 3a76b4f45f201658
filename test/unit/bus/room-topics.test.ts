import { describe, expect, it } from "vitest";
import { RoomTopics } from "../../../server/bus/room-topics.ts";
import { Subscriptions } from "../../../server/bus/subscriptions.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** Topics of rooms while Redis is away, so that nothing takes time. */
function createTopics() {
  const clock = new ManualClock();
  const subscriptions = new Subscriptions({
    onHeard: () => {},
    onCrash: () => {},
    onRefused: () => {},
  });
  const members = new Set<string>();
  const closed: string[] = [];
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
  });
  const join = (room: string): void => {
    void topics.open(room);
    members.add(room);
  };
  const leave = (room: string): void => {
    members.delete(room);
    topics.left(room);
  };
  return { clock, subscriptions, topics, closed, join, leave };
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

  it("leave no timers behind", () => {
    const { clock, subscriptions, topics, join } = createTopics();
    join("a");
    topics.stop();
    topics.stop();
    clock.advance(60_000);
    expect(topics.open("b")).toBeUndefined();
    expect(subscriptions.size).toBe(2);
  });
});
