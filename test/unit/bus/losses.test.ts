import { describe, expect, it } from "vitest";
import { Losses } from "../../../server/bus/losses.ts";
import type { Comeback, Redis } from "../../../server/bus/redis.ts";
import type { Topic, TopicListener } from "../../../server/bus/subscriptions.ts";
import { createCounters } from "../../../server/counters.ts";
import type { LostBroadcasts } from "../../../server/rooms/interruption.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { seal } from "./sealed-entry.ts";

/** A node's losses on a Redis that can be taken away, with what it publishes and passes on. */
function createLosses() {
  const clock = new ManualClock();
  const redis: { canPublish: boolean; isRefusing: boolean; hasMissed: boolean } = {
    canPublish: true,
    isRefusing: false,
    hasMissed: false,
  };
  const published: { rooms: string[] | null; agoMs: number; node: string }[] = [];
  const passedOn: LostBroadcasts[] = [];
  const counters = createCounters();
  let comeback: (comeback: Comeback) => void = () => {};
  let listener: TopicListener = () => {};
  const losses = new Losses({
    redis: {
      get canPublish() {
        return redis.canPublish;
      },
      get hasMissed() {
        return redis.hasMissed;
      },
      publish: (_channel: string, message: string) => {
        if (redis.isRefusing) return Promise.reject(new Error("NOPERM"));
        const text = seal.open("commonroom:losses", Buffer.from(message));
        published.push(JSON.parse(String(text)));
        return Promise.resolve(1);
      },
      seal,
      subscriptions: {
        add: (topic: Topic) => {
          listener = topic.listener;
        },
      },
      onComeback: (given: typeof comeback) => {
        comeback = given;
      },
    } as unknown as Redis,
    counters,
    clock,
    maxMessageBytes: 1000,
    onProblem: () => {},
  });
  losses.listen((broadcasts) => passedOn.push(broadcasts));
  let number = 0;
  const hear = (message: object | string): void => {
    number += 1;
    const text = typeof message === "string" ? message : JSON.stringify({ number, ...message });
    const sealed = seal.close("commonroom:losses", text);
    listener(Buffer.from(sealed), Buffer.from("commonroom:losses"));
  };
  return {
    clock,
    redis,
    published,
    passedOn,
    counters,
    losses,
    hear,
    comeBack: () => comeback({ hasMissed: false }),
  };
}

describe("what a node could not send", () => {
  it("is told to the others once it can send again, with how long ago it was", () => {
    const { clock, redis, published, losses, comeBack } = createLosses();
    redis.canPublish = false;
    losses.note(["a"]);
    clock.advance(1000);
    losses.note(["b", "a"]);
    clock.advance(5000);
    expect(published).toEqual([]);
    redis.canPublish = true;
    comeBack();
    expect(published).toMatchObject([{ rooms: ["a", "b"], agoMs: 5000 }]);
    comeBack();
    expect(published).toHaveLength(1);
  });

  it("is told soon where the connection goes on, and together with what follows", () => {
    const { clock, published, losses } = createLosses();
    losses.note(["a"]);
    losses.note(["b"]);
    expect(published).toEqual([]);
    clock.advance(100);
    expect(published).toMatchObject([{ rooms: ["a", "b"], agoMs: 100 }]);
    losses.note([]);
    clock.advance(100);
    expect(published[1]).toMatchObject({ rooms: null });
  });

  it("is told later where Redis does not take it", async () => {
    const { clock, redis, published, losses, comeBack } = createLosses();
    losses.note(["a"]);
    redis.isRefusing = true;
    comeBack();
    await Promise.resolve();
    redis.isRefusing = false;
    await Promise.resolve();
    clock.advance(1000);
    expect(published).toMatchObject([{ rooms: ["a"] }]);
  });

  it.each([
    ["whatever it has lost before", ["a"]],
    ["where it has lost nothing before", []],
  ])("is told no more once the node stops, %s", (_what, lost) => {
    const { clock, published, passedOn, losses, hear } = createLosses();
    for (const room of lost) losses.note([room]);
    hear({ node: "other", agoMs: 0, rooms: ["a"] });
    losses.stop();
    losses.stop();
    losses.note(["b"]);
    hear({ node: "other", agoMs: 0, rooms: ["b"] });
    clock.advance(1000);
    expect([published, passedOn]).toEqual([[], []]);
  });
});

describe("what others could not send", () => {
  it("is passed on, gathered, in this node's own time", () => {
    const { clock, passedOn, hear } = createLosses();
    const nowMs = clock.now();
    hear({ node: "one", agoMs: 500, rooms: ["a"] });
    hear({ node: "two", agoMs: 200, rooms: ["b"] });
    expect(passedOn).toEqual([]);
    clock.advance(100);
    expect(passedOn).toEqual([{ rooms: ["a", "b"], lastMs: nowMs - 200 }]);
    clock.advance(5000);
    hear({ node: "one", agoMs: 0, rooms: null });
    clock.advance(100);
    expect(passedOn[1]).toMatchObject({ rooms: undefined });
  });

  it("is left to this node's own comeback where it may have missed messages itself", () => {
    const { clock, redis, passedOn, hear } = createLosses();
    redis.hasMissed = true;
    hear({ node: "one", agoMs: 0, rooms: ["a"] });
    clock.advance(100);
    redis.hasMissed = false;
    clock.advance(5000);
    expect(passedOn).toEqual([]);
    hear({ node: "one", agoMs: 0, rooms: ["b"] });
    clock.advance(100);
    expect(passedOn).toMatchObject([{ rooms: ["b"] }]);
  });

  it("is passed on every five seconds at most, however often it is told", () => {
    const { clock, passedOn, hear } = createLosses();
    for (let n = 0; n < 200; n += 1) {
      hear({ node: "one", agoMs: 0, rooms: [`room:${n}`] });
      clock.advance(100);
    }
    expect(passedOn.length).toBeLessThanOrEqual(5);
    clock.advance(5000);
    const rooms = passedOn.flatMap((broadcasts) => broadcasts.rooms ?? []);
    expect(new Set(rooms).size).toBe(200);
  });

  it("is not what this node itself has told", () => {
    const { clock, published, passedOn, losses, hear } = createLosses();
    losses.note(["a"]);
    clock.advance(100);
    hear(published[0] ?? "");
    clock.advance(1000);
    expect(passedOn).toEqual([]);
  });

  it("is heard once, however often somebody repeats it", () => {
    const { clock, passedOn, counters, hear } = createLosses();
    for (const number of [2, 2, 1, 3]) {
      hear({ node: "other", number, agoMs: 0, rooms: ["a"] });
      clock.advance(10_000);
    }
    expect([passedOn.length, counters.adapterMessagesRefused]).toEqual([2, 2]);
  });

  it("is remembered of the thousand nodes that have told something last", () => {
    const { clock, counters, hear } = createLosses();
    const told = (node: string): void => hear({ node, number: 1, agoMs: 0, rooms: ["a"] });
    for (let node = 0; node <= 1000; node += 1) told(`node ${node}`);
    told("node 1");
    expect(counters.adapterMessagesRefused).toBe(1);
    told("node 0");
    expect(counters.adapterMessagesRefused).toBe(1);
    clock.advance(10_000);
  });

  it("is counted and left alone where it is garbage", () => {
    const { clock, passedOn, counters, hear } = createLosses();
    const tooLarge = { node: "other", agoMs: 0, rooms: null, more: "x".repeat(1000) };
    for (const garbage of ["", "{}", "null", tooLarge]) hear(garbage);
    clock.advance(1000);
    expect([passedOn, counters.adapterMessagesRefused]).toEqual([[], 4]);
  });
});
