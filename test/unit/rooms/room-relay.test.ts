import { describe, expect, it } from "vitest";
import type { LogStore } from "../../../server/rooms/log/log-store.ts";
import { createScene, refused, type SceneOptions, settle } from "./room-scene.ts";

/** A room `a` of two members, without presence unless the settings say so. */
function createRoom(room: object = {}, more: SceneOptions = {}) {
  const options = { rooms: [{ match: "a", presence: false, ...room }] };
  const scene = createScene({ options, ...more });
  const [ann, bob] = [scene.connect(), scene.connect()];
  scene.join(ann, "a");
  scene.join(bob, "a");
  scene.told.length = 0;
  return { ...scene, ann, bob };
}

const OK = { status: "ok", response: {} };
const said = ["said", { n: 1 }, { room: "a" }];

describe("a push into a room of the relay", () => {
  it("reaches the other members and the backends, and is answered", () => {
    const { push, ann, bob, told } = createRoom();
    expect(push(ann, "a", "said", { n: 1 })).toEqual([OK]);
    expect([ann.sent, bob.sent]).toEqual([[], [said]]);
    expect(told).toEqual([["a", "said", { n: 1 }]]);
  });

  it("comes back to its sender where the room echoes", () => {
    const { push, ann, bob } = createRoom({ echo: true });
    push(ann, "a", "said", { n: 1 });
    expect([ann.sent, bob.sent]).toEqual([[said], [said]]);
  });

  it("reaches the members alone where the settings say so, with any event", () => {
    const { push, ann, bob, told } = createRoom({ deliver: "members" });
    expect(push(ann, "a", "said", { n: 1 })).toEqual([OK]);
    expect(push(ann, "a", "a:b")).toEqual([OK]);
    expect([bob.sent.length, told]).toEqual([2, []]);
  });

  it("reaches the backends alone where the settings say so", () => {
    const { push, ann, bob, told } = createRoom({ deliver: "backends" });
    expect(push(ann, "a", "said", { n: 1 })).toEqual([OK]);
    expect([bob.sent, told]).toEqual([[], [["a", "said", { n: 1 }]]]);
  });

  it.each(["both", "backends"])("for %s has an event without a colon", (deliver) => {
    const { push, ann, bob, told } = createRoom({ deliver });
    expect(push(ann, "a", "a:b")).toMatchObject([refused("event_has_colon")]);
    expect([bob.sent, told]).toEqual([[], []]);
  });

  it.each([
    ["backends", true, refused("backends_unreachable")],
    ["backends", false, OK],
    ["both", true, OK],
  ])(
    "for %s while Redis is away (configured: %s) is answered with %j",
    (deliver, isConfigured, answer) => {
      const backends = { publish: () => false, isConfigured };
      const { push, ann } = createRoom({ deliver }, { backends });
      expect(push(ann, "a", "said")).toMatchObject([answer]);
    },
  );

  it.each([
    ["bytes inside JSON", { a: new Uint8Array(1) }, "payload_invalid"],
    ["129 levels", JSON.parse("[".repeat(129) + "]".repeat(129)), "payload_invalid"],
  ])("is refused with %s", (_what, payload, code) => {
    const { push, ann, bob } = createRoom();
    expect(push(ann, "a", "said", payload)).toMatchObject([refused(code)]);
    expect(bob.sent).toEqual([]);
  });

  it("of a member that is alone is sent to nobody, unless there are other nodes", () => {
    for (const hasOtherNodes of [false, true]) {
      const { push, ann, bob, io } = createRoom({}, { hasOtherNodes });
      bob.end();
      let broadcasts = 0;
      const { adapter } = io.of("/");
      const broadcast = adapter.broadcast.bind(adapter);
      adapter.broadcast = (...given) => {
        broadcasts += 1;
        broadcast(...given);
      };
      expect(push(ann, "a", "said")).toEqual([OK]);
      expect(broadcasts).toBe(hasOtherNodes ? 1 : 0);
    }
  });
});

describe("a push into a room of the relay that keeps a log", () => {
  const log = { size: 10 };

  it("is answered with its number, and reaches the others with it", () => {
    const { push, ann, bob, told } = createRoom({ log });
    expect(push(ann, "a", "said", { n: 1 })).toEqual([{ status: "ok", response: { offset: 1 } }]);
    expect(ann.sent).toEqual([]);
    expect(bob.sent).toMatchObject([["said", { text: '{"n":1}' }, { room: "a", offset: 1 }]]);
    expect(told).toEqual([["a", "said", { n: 1 }]]);
  });

  it("comes back to its sender where the room echoes, and tells no backends where it is not to", () => {
    const { push, ann, told } = createRoom({ log, echo: true, deliver: "members" });
    push(ann, "a", "said", { n: 1 });
    expect([ann.sent.length, told]).toEqual([1, []]);
  });

  it("is not logged where it is for backends alone", () => {
    const { push, ann, bob } = createRoom({ log, deliver: "backends" });
    expect(push(ann, "a", "said")).toEqual([OK]);
    expect(bob.sent).toEqual([]);
  });

  it("is logged and told once where its sender repeats it", () => {
    const { push, ann, bob, told } = createRoom({ log });
    const numbered = { n: 1, _sequence: 1 };
    expect(push(ann, "a", "said", numbered)).toMatchObject([{ response: { offset: 1 } }]);
    expect(push(ann, "a", "said", numbered)).toMatchObject([{ response: { offset: 1 } }]);
    expect([bob.sent.length, told]).toEqual([1, [["a", "said", numbered]]]);
    expect(bob.sent[0]).toMatchObject([
      "said",
      { text: '{"n":1}' },
      { sequence: 1, sender: "id2" },
    ]);
  });

  it("is refused where its numbers are none, or its payload cannot be kept", () => {
    const { push, ann, bob } = createRoom({ log });
    expect(push(ann, "a", "said", { _sequence: 0 })).toMatchObject([refused("numbering_invalid")]);
    const unfit = { a: new Uint8Array(1) };
    expect(push(ann, "a", "said", unfit)).toMatchObject([refused("payload_invalid")]);
    expect(bob.sent).toEqual([]);
  });

  it.each([
    ["full", "log_full"],
    ["unavailable", "log_unavailable"],
  ] as const)("is refused where the log is %s, and no backend is told", async (reason, code) => {
    const store: LogStore = {
      append: async () => ({ ok: false, reason }),
      open: (_room, _after, use) => use({ epoch: "e", offset: 0, first: 1, entries: [] }),
      read: () => undefined,
      forget: () => {},
      stop: () => {},
    };
    const { push, ann, told } = createRoom({ log }, { createLogs: () => store });
    const replies = push(ann, "a", "said");
    await settle();
    expect(replies).toMatchObject([refused(code)]);
    expect(told).toEqual([]);
  });
});

describe("a member of a room of the relay", () => {
  it("is told its id, and is present where the settings say so", () => {
    const scene = createScene({ options: { rooms: [{ match: "quiet", presence: false }] } });
    const ann = scene.connect();
    expect(scene.join(ann, "quiet")).toEqual([{ status: "ok", response: { id: "id1:quiet:r" } }]);
    expect(ann.sent).toEqual([]);
    scene.join(ann, "a", { meta: { name: "Ann" } });
    expect(JSON.parse(JSON.stringify(ann.sent))).toEqual([
      ["presence_state", { id2: { metas: [{ name: "Ann", phx_ref: "id11" }] } }, { room: "a" }],
    ]);
  });

  it("is told its id once more when it leaves", () => {
    const { leave, ann } = createRoom();
    expect(leave(ann, "a")).toEqual([{ status: "ok", response: { id: "id1:a:r" } }]);
    expect(ann.sent).toEqual([["phx_close", {}, { room: "a" }]]);
  });

  it.each([
    ["too large", { meta: { name: "x".repeat(5000) } }, "too_large"],
    ["no JSON", { meta: { name: new Uint8Array(1) } }, "payload_invalid"],
  ])("is refused where what is to be told of it is %s", (_what, params, code) => {
    const { join, connect } = createScene();
    expect(join(connect(), "a", params)).toMatchObject([refused(code)]);
  });
});

describe("somebody who sends into a room of the relay without being in it", () => {
  it("is heard by the members and the backends", () => {
    const { visit, connect, ann, bob, told } = createRoom();
    expect(visit(connect(), "a", "said", { n: 1 })).toEqual([OK]);
    expect([ann.sent, bob.sent]).toEqual([[said], [said]]);
    expect(told).toEqual([["a", "said", { n: 1 }]]);
  });

  it("is heard by a member that is alone, and need not be heard by anybody", () => {
    const { visit, connect, ann, bob } = createRoom();
    bob.end();
    expect(visit(connect(), "a", "said", { n: 1 })).toEqual([OK]);
    expect(ann.sent).toEqual([said]);
    ann.end();
    expect(visit(connect(), "a", "said", { n: 1 })).toEqual([OK]);
  });

  it.each([
    [7, "said", "room_name_invalid"],
    ["", "said", "room_name_invalid"],
    ["a", "", "event_name_invalid"],
    ["a", 7, "event_name_invalid"],
    ["a", "join", "event_name_reserved"],
    ["socket1", "said", "room_forbidden"],
  ])("is refused the room %j with the event %j: %s", (room, event, code) => {
    const { visit, connect } = createRoom();
    expect(visit(connect(), room, event)).toMatchObject([refused(code)]);
  });

  it("is refused where the room's channel takes such things from members alone", () => {
    const { visit, connect, rooms } = createScene();
    rooms.declare("b", {});
    expect(visit(connect(), "b", "said")).toMatchObject([refused("room_not_joined")]);
    expect(visit(connect(), "nowhere", "said")).toMatchObject([refused("room_not_joined")]);
  });
});
