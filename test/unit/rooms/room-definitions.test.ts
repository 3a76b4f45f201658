import { describe, expect, it } from "vitest";
import { defineChannel } from "../../../server/rooms/definition.ts";
import { mustBeEncodable } from "../../../server/rooms/payload.ts";
import { createScene, settle } from "./room-scene.ts";

const OK = { status: "ok", response: {} };

describe("what an application gives to be told", () => {
  it("may be anything that has JSON, and bytes", () => {
    expect(mustBeEncodable({ n: 1 })).toEqual({ n: 1 });
    expect(() => mustBeEncodable({ n: 1n })).toThrow(TypeError);
  });
});

describe("a channel's definition", () => {
  it("is given back as it is by the function that types it", () => {
    const definition = { joined: () => {} };
    expect(defineChannel(definition)).toBe(definition);
  });

  it("has nothing to say to a member that leaves, which is answered with an empty object", async () => {
    const { rooms, join, leave, connect } = createScene();
    rooms.declare("a", {});
    const ann = connect();
    join(ann, "a");
    await settle();
    expect(leave(ann, "a")).toEqual([OK]);
  });

  it("that comes when a room is open already does not change how its presences are told", async () => {
    const { rooms, join, connect } = createScene();
    join(connect(), "a");
    rooms.declare("a", {
      presence: (_room, presences) =>
        Object.fromEntries(
          Object.entries(presences).map(([key, { metas }]) => [key, { metas, late: true }]),
        ),
    });
    const [presence] = Object.values(await rooms.tracking.list("a"));
    expect(Object.keys(presence ?? {})).toEqual(["metas"]);
  });
});

describe("a member's presence", () => {
  it("says nothing of an earlier one where there was none", async () => {
    const { rooms, join, connect } = createScene();
    const ann = connect();
    join(ann, "a");
    const [presence] = Object.values(await rooms.tracking.list("a"));
    expect(Object.keys(presence?.metas[0] ?? {})).toEqual(["phx_ref"]);
  });

  it("is not sent to one who has left while it was looked up, beside others who stay", async () => {
    const { rooms, join, leave, connect } = createScene();
    const waiting: (() => void)[] = [];
    rooms.declare("a", {
      joined: (member) => void member.presence.track(),
      presence: (_room, presences) =>
        new Promise((resolve) => waiting.push(() => resolve(presences))),
    });
    const [ann, bob] = [connect(), connect()];
    join(ann, "a");
    join(bob, "a");
    await settle();
    leave(ann, "a");
    for (const tell of waiting) tell();
    await settle();
    expect(ann.sent.map(([event]) => event)).toEqual(["phx_close"]);
    expect(bob.sent.map(([event]) => event)).toEqual(["presence_state"]);
  });
});

describe("an entry that costs a member the room when it comes back", () => {
  it("is the last that the member gets", async () => {
    const { rooms, join, connect } = createScene();
    rooms.declare("a", {
      log: { size: 5 },
      intercept: {
        said: () => {
          throw new Error("boom");
        },
      },
    });
    rooms.deliver("a", "said", 1);
    rooms.deliver("a", "other", 2);
    const ann = connect();
    join(ann, "a", { since: 0 });
    await settle();
    expect(ann.sent.map(([event]) => event)).toEqual(["phx_error"]);
  });
});
