import { describe, expect, it } from "vitest";
import type { PresenceDiff } from "../../../server/rooms/presence.ts";
import { Presences } from "../../../server/rooms/presences.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function setUp() {
  const clock = new ManualClock();
  const presences = new Presences();
  const diffs: PresenceDiff[] = [];
  const told: unknown[] = [];
  presences.author = {
    joined: (...joined) => told.push(["joined", ...joined]),
    left: (...left) => told.push(["left", ...left]),
  };
  const audience = {
    clock,
    windowMs: 50,
    publish: (diff: PresenceDiff) => void diffs.push(diff),
    onError: () => {},
  };
  return { clock, presences, diffs, told, audience };
}

const ann = { phx_ref: "a" };
const ben = { phx_ref: "b" };

describe("presences of all rooms", () => {
  it("tell other nodes of this node's members, and of nobody else", () => {
    const { presences, told } = setUp();
    presences.track("lobby", "ann", ann);
    presences.add("lobby", "ben", ben);
    presences.remove("lobby", "ben", "b");
    presences.untrack("lobby", "ann", "a");
    expect(told).toEqual([
      ["joined", "lobby", "ann", ann],
      ["left", "lobby", "ann", "a"],
    ]);
  });

  it("tell a room's members of both in one diff", () => {
    const { clock, presences, diffs, audience } = setUp();
    presences.open("lobby", audience);
    presences.track("lobby", "ann", ann);
    presences.add("lobby", "ben", ben);
    clock.advance(50);
    expect(diffs).toEqual([
      { joins: { ann: { metas: [ann] }, ben: { metas: [ben] } }, leaves: {} },
    ]);
  });

  it("know who is in a room that has no members here", () => {
    const { presences } = setUp();
    presences.add("far", "ben", ben);
    expect(presences.of("far")?.state()).toEqual({ ben: { metas: [ben] } });
    presences.remove("far", "ben", "b");
    expect(presences.of("far")).toBeUndefined();
  });

  it("keep who is elsewhere when the last member here leaves, and forget a room that is empty", () => {
    const { presences, audience } = setUp();
    presences.open("lobby", audience);
    presences.add("lobby", "ben", ben);
    presences.close("lobby");
    expect(presences.of("lobby")?.state()).toEqual({ ben: { metas: [ben] } });
    presences.remove("lobby", "ben", "b");
    expect(presences.of("lobby")).toBeUndefined();
    presences.open("lobby", audience);
    expect(presences.of("lobby")?.state()).toEqual({});
    presences.close("lobby");
    expect(presences.of("lobby")).toBeUndefined();
  });
});
