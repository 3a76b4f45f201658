import { describe, expect, it } from "vitest";
import type { Entry, Head } from "../../../server/presence/message.ts";
import { Replica } from "../../../server/presence/replica.ts";
import type { PresenceMeta } from "../../../server/rooms/presence.ts";

const NONCE = "nonce001";

function setUp() {
  const log: string[] = [];
  const shown = {
    add: (_room: string, _key: string, { phx_ref: ref }: PresenceMeta) => {
      log.push(`+${ref}`);
      return true;
    },
    remove: (_room: string, _key: string, ref: string) => void log.push(`-${ref}`),
  };
  const replica = new Replica(head(0), shown);
  const take = {
    beat: (number: number) => replica.heard(head(number)),
    delta: (number: number, joins: string[], leaves: string[] = []) => {
      replica.heard(head(number));
      replica.takeDelta({ ...head(number), type: "delta", joins: joins.map(entry), leaves });
    },
    state: (number: number, refs: string[], part = 0, parts = 1) => {
      const presences = refs.map(entry);
      const place = { nonce: NONCE, part, parts };
      replica.heard(head(number));
      replica.takeState({ ...head(number), type: "state", ...place, presences });
    },
  };
  return { replica, log, take };
}

function head(number: number): Head {
  return { id: "id000001", name: "name", startedAtMs: 1, number };
}

function entry(ref: string): Entry {
  return ["lobby", "key", { phx_ref: ref }];
}

describe("what is known of another node", () => {
  it("is nothing before it has answered, and then what it answered", () => {
    const { replica, log, take } = setUp();
    expect(replica.isToBeAsked).toBe(true);
    replica.asked(NONCE);
    take.delta(1, ["a"]);
    expect(replica.isToBeAsked).toBe(false);
    expect(log).toEqual([]);
    take.state(2, ["b", "c"]);
    expect(log).toEqual(["+b", "+c"]);
    expect(replica.isProven).toBe(true);
    expect(replica.isToBeAsked).toBe(false);
  });

  it("grows by each change in its order, also where one comes early or twice", () => {
    const { replica, log, take } = setUp();
    replica.asked(NONCE);
    take.state(0, []);
    take.delta(2, ["b"], ["a"]);
    take.delta(1, ["a"]);
    take.delta(2, ["b"], ["a"]);
    take.delta(1, ["a"]);
    take.delta(3, [], ["nobody"]);
    expect(log).toEqual(["+a", "+b", "-a"]);
    expect(replica.isToBeAsked).toBe(false);
  });

  it("is asked for where a change is missing, and differs then by what differs", () => {
    const { replica, log, take } = setUp();
    replica.asked(NONCE);
    take.state(1, ["a", "b"]);
    log.length = 0;
    take.delta(3, ["d"]);
    // Once in a tick, whatever is said meanwhile.
    expect(replica.isToBeAsked).toBe(false);
    replica.tick(true);
    expect(replica.isToBeAsked).toBe(true);
    replica.asked(NONCE);
    take.state(3, ["b", "c", "d"]);
    expect(log).toEqual(["-a", "+c", "+d"]);
    expect(replica.isToBeAsked).toBe(false);
  });

  it("is not set back by an answer that is older", () => {
    const { replica, log, take } = setUp();
    replica.asked(NONCE);
    take.state(0, []);
    take.delta(2, ["b"]);
    replica.asked(NONCE);
    take.delta(1, ["a"]);
    take.state(1, ["a"]);
    expect(log).toEqual(["+a", "+b"]);
  });

  it("keeps the changes that come after the first part of an answer for its end", () => {
    const { replica, log, take } = setUp();
    replica.asked(NONCE);
    take.state(5, ["a"], 0, 2);
    take.delta(6, ["c"]);
    take.delta(8, ["d"]);
    expect(log).toEqual([]);
    take.state(5, ["b"], 1, 2);
    expect(log).toEqual(["+a", "+b", "+c"]);
    replica.tick(true);
    expect(replica.isToBeAsked).toBe(false);
    take.beat(8);
    expect(replica.isToBeAsked).toBe(true);
  });

  it("is asked for once where a number is forged, however large, and no more after the answer", () => {
    const { replica, log, take } = setUp();
    replica.asked(NONCE);
    take.state(1, ["a"]);
    take.delta(1e9, ["evil"]);
    replica.tick(true);
    expect(replica.isToBeAsked).toBe(true);
    replica.asked(NONCE);
    take.state(1, ["a"]);
    replica.tick(true);
    expect(replica.isToBeAsked).toBe(false);
    take.delta(2, ["b"]);
    expect(log).toEqual(["+a", "+b"]);
  });

  it("is asked for again where nothing of an answer comes, and not while parts of it do", () => {
    const { replica, take } = setUp();
    replica.asked(NONCE);
    for (let part = 0; part < 5; part += 1) {
      for (const _tick of [1, 2]) replica.tick(true);
      expect(replica.isToBeAsked).toBe(false);
      take.state(1, [], part, 9);
    }
    for (const _tick of [1, 2, 3]) replica.tick(true);
    expect(replica.isToBeAsked).toBe(true);
  });

  it("goes with it", () => {
    const { replica, log, take } = setUp();
    replica.asked(NONCE);
    take.state(1, ["a", "b"]);
    log.length = 0;
    replica.drop();
    replica.drop();
    expect(log).toEqual(["-a", "-b"]);
  });
});
