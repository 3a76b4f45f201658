import { describe, expect, it } from "vitest";
import { createCounters } from "../../../server/counters.ts";
import type { LostBroadcasts } from "../../../server/rooms/interruption.ts";
import { Losses } from "../../../server/workers/losses.ts";
import { Post } from "../../../server/workers/post.ts";
import { createPresenceLink } from "../../../server/workers/presence-link.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const MIB = new Uint8Array(1_048_576);
/** More MiB than may wait. */
const TOO_MANY = 100;

/** Two workers, and a primary that passes on what one sends only when it is told to. */
function setUp() {
  const clock = new ManualClock();
  const waiting: (() => void)[] = [];
  const there = new Post({ send: () => {}, onCrash: () => {} });
  const here = new Post({
    send: ({ bytes }, done) =>
      waiting.push(() => {
        there.receive(bytes);
        done();
      }),
    onCrash: () => {},
  });
  const counters = createCounters();
  const losses = new Losses({ post: here, clock, counters });
  const others = new Losses({ post: there, clock, counters: createCounters() });
  const told: LostBroadcasts[] = [];
  others.listen((lost) => told.push(lost));
  const publish = (): boolean => {
    const isTaken = here.publish({ topic: "any", body: MIB });
    void here.flush();
    return isTaken;
  };
  /** @returns how many MiB were taken */
  const publishTooMuch = (): number => {
    let count = 0;
    while (count < TOO_MANY && publish()) count += 1;
    return count;
  };
  const pass = (count: number): void => {
    for (const task of waiting.splice(0, count)) task();
  };
  return { clock, here, publish, publishTooMuch, pass, counters, losses, others, told };
}

describe("what a worker sends while its primary is held up", () => {
  it("is kept up to a limit, and then dropped until half of it is on its way", () => {
    const { publish, publishTooMuch, pass } = setUp();
    expect(publishTooMuch()).toBe(64);
    pass(30);
    expect(publish()).toBe(false);
    pass(3);
    expect(publish()).toBe(true);
  });

  it("is kept up to the same limit within one turn", () => {
    const { here } = setUp();
    let count = 0;
    while (count < TOO_MANY && here.publish({ topic: "any", body: MIB })) count += 1;
    expect(count).toBe(65);
  });

  it("is told to the members of the others when it is lost, once the primary goes on", () => {
    const { clock, here, publishTooMuch, pass, counters, losses, told } = setUp();
    publishTooMuch();
    losses.note(["a"]);
    losses.note(undefined);
    clock.advance(1000);
    losses.note(["b", "a"]);
    const lastMs = clock.now();
    clock.advance(60_000);
    expect(counters.adapterMessagesLost).toBe(3);
    pass(100);
    clock.advance(1000);
    void here.flush();
    pass(1);
    expect(told).toEqual([]);
    clock.advance(100);
    expect(told).toEqual([{ rooms: ["a", "b"], lastMs }]);
  });

  it("is for everyone where a lost broadcast was", () => {
    const { clock, here, pass, losses, told } = setUp();
    losses.note([]);
    clock.advance(100);
    void here.flush();
    pass(1);
    clock.advance(100);
    expect(told).toMatchObject([{ rooms: undefined }]);
  });

  it("is counted where it is presence", () => {
    const { here, publishTooMuch } = setUp();
    let lost = 0;
    const onLost = (): void => {
      lost += 1;
    };
    const link = createPresenceLink({ post: here, countOthers: () => 1, onLost });
    link.publish("kept");
    publishTooMuch();
    link.publish("lost");
    link.tell("id", "lost");
    expect(lost).toBe(2);
  });
});

describe("what a primary could not pass on to a worker", () => {
  it("is counted there, and told to its members every five seconds at most", () => {
    const { clock, counters, losses } = setUp();
    const told: LostBroadcasts[] = [];
    losses.listen((lost) => told.push(lost));
    for (let n = 0; n < 40; n += 1) {
      losses.missed(10, { rooms: [`room ${n % 3}`], lastMs: clock.now() });
      clock.advance(100);
    }
    expect(counters.adapterMessagesLost).toBe(400);
    expect(told).toHaveLength(1);
    clock.advance(5000);
    expect(told).toHaveLength(2);
    expect(told[1]?.rooms).toEqual(["room 1", "room 2", "room 0"]);
  });
});
