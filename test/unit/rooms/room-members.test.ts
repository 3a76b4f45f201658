import { describe, expect, it } from "vitest";
import type { LeaveReason } from "../../../server/rooms/definition.ts";
import { reply } from "../../../server/rooms/definition.ts";
import { createScene, refused, settle } from "./room-scene.ts";

const OK = { status: "ok", response: {} };
const CLOSE = ["phx_close", {}, { room: "a" }];

/** A channel `a` that notes why members leave. */
async function createRoom() {
  const scene = createScene();
  const left: LeaveReason[] = [];
  const others: unknown[] = [];
  scene.rooms.declare("a", {
    aliases: ["b"],
    on: {
      stop: { handle: (member) => member.stop() },
      late: { handle: async (_member, payload) => reply(await payload) },
      fail: {
        handle: () => {
          throw new Error("boom");
        },
      },
      failLater: { handle: () => Promise.reject(new Error("boom")) },
    },
    leave: (_member, reason) => void left.push(reason),
  });
  const ann = scene.connect();
  scene.join(ann, "a", { token: "until" });
  await settle();
  scene.told.length = 0;
  return { ...scene, ann, left, others };
}

describe("a member", () => {
  it("that leaves is answered, then told, and the backends are told", async () => {
    const { leave, ann, left, told, rooms } = await createRoom();
    expect(leave(ann, "b")).toEqual([OK]);
    expect([ann.sent, left]).toEqual([[CLOSE], ["left"]]);
    expect(told).toEqual([["a", "phx_leave", { id: "holder of until", connection: "id1" }]]);
    expect(rooms.memberships.size).toBe(0);
    expect(leave(ann, "a")).toEqual([OK]);
    expect(ann.sent).toHaveLength(1);
  });

  it("that leaves what it never joined makes no mistake", async () => {
    const { leave, connect, ann } = await createRoom();
    expect([leave(connect(), "a"), leave(ann, 7), leave(ann, "c")]).toEqual([[OK], [OK], [OK]]);
    expect(ann.sent).toEqual([]);
  });

  it("does not leave, and sends nothing, by a request that means an earlier membership", async () => {
    const { leave, push, ann, left } = await createRoom();
    expect([leave(ann, "a", () => false), push(ann, "a", "stop", {}, () => false)]).toEqual([
      [],
      [],
    ]);
    expect(left).toEqual([]);
  });

  it("whose connection ends leaves, and is told nothing", async () => {
    const { ann, left, rooms } = await createRoom();
    ann.end();
    expect([left, ann.sent, rooms.memberships.size]).toEqual([["disconnected"], [], 0]);
  });

  it("whose token expires leaves then, and not before", async () => {
    const { ann, left, clock } = await createRoom();
    clock.advance(59_000);
    expect(left).toEqual([]);
    clock.advance(2000);
    expect(left).toEqual(["expired"]);
    expect(ann.sent).toMatchObject([["phx_error", { code: "token_expired" }, { room: "a" }]]);
  });

  it("that joins anew for longer does not leave when its former token expires", async () => {
    const { ann, left, clock, join } = await createRoom();
    clock.advance(30_000);
    join(ann, "a", { token: "until" });
    await settle();
    clock.advance(31_000);
    expect(left).toEqual(["replaced"]);
  });

  it("that its channel stops is told so", async () => {
    const { push, ann, left } = await createRoom();
    push(ann, "a", "stop");
    expect([left, ann.sent]).toEqual([["stopped"], [CLOSE]]);
  });

  it("that server code takes out of the Socket.IO room is told so", async () => {
    const { ann, left } = await createRoom();
    ann.leave("a");
    expect([left, ann.sent]).toEqual([["removed"], [CLOSE]]);
    ann.leave("a");
    expect(left).toHaveLength(1);
  });

  it("that may have missed messages is told so, or leaves where its client joins anew", async () => {
    const { ann, left, rooms, join, connect, interrupted } = await createRoom();
    const bob = connect();
    join(bob, "a", {}, { whenMissed: "rejoin" });
    await settle();
    rooms.interrupted();
    const missed = { code: "messages_missed" };
    expect(ann.sent).toMatchObject([["missed", missed, { room: "a" }]]);
    expect(bob.sent).toMatchObject([["phx_error", missed, { room: "a" }]]);
    expect([left, interrupted()]).toEqual([["interrupted"], 2]);
  });

  it.each(["fail", "failLater"])(
    "whose push makes the channel %s loses the room",
    async (event) => {
      const { push, ann, left, crashes } = await createRoom();
      push(ann, "a", event);
      await settle();
      expect(crashes).toEqual([["boom", "a", event]]);
      expect(left).toEqual(["crashed"]);
      expect(ann.sent).toMatchObject([["phx_error", { code: "push_crashed" }, { room: "a" }]]);
    },
  );

  it("may not hear of an answer that comes after it has left", async () => {
    const { push, ann } = await createRoom();
    let end = (_value: unknown): void => {};
    const value = new Promise((resolve) => {
      end = resolve;
    });
    const replies = push(ann, "a", "late", value);
    ann.leave("a");
    end(1);
    await settle();
    expect(replies).toEqual([]);
  });

  it("is nobody's business once the server stops: nothing expires any more", async () => {
    const { rooms, clock, left } = await createRoom();
    rooms.stop();
    rooms.stop();
    clock.advance(100_000);
    expect(left).toEqual([]);
  });
});

describe("a push", () => {
  it.each([
    ["somewhere that was not joined", "c", "stop", "room_not_joined"],
    ["a room that is no text", 7, "stop", "room_not_joined"],
    ["an event that is no text", "a", 7, "event_name_invalid"],
    ["an event without a name", "a", "", "event_name_invalid"],
    ["a reserved event", "a", "phx_reply", "event_name_reserved"],
    ["an event that the channel does not know", "a", "other", "event_unhandled"],
  ])("into %s is refused", async (_what, room, event, code) => {
    const { push, ann } = await createRoom();
    expect(push(ann, room, event)).toMatchObject([refused(code)]);
  });

  it("of a connection that never joined anything is refused", async () => {
    const { push, connect } = await createRoom();
    expect(push(connect(), "a", "stop")).toMatchObject([refused("room_not_joined")]);
  });

  it("waits for the one before it, and is refused where too many wait", async () => {
    const scene = createScene({ options: { limits: { maxWaitingPushes: 1 } } });
    const done: unknown[] = [];
    scene.rooms.declare("a", {
      otherwise: async (_member, event, payload) => {
        await payload;
        done.push(event);
        return reply(event);
      },
    });
    const ann = scene.connect();
    scene.join(ann, "a");
    await settle();
    let end = (_value: unknown): void => {};
    const first = new Promise((resolve) => {
      end = resolve;
    });
    const replies = [scene.push(ann, "a", "1", first), scene.push(ann, "a", "2")];
    expect(scene.push(ann, "a", "3")).toMatchObject([refused("too_many_waiting")]);
    expect(done).toEqual([]);
    end(1);
    await settle();
    expect(done).toEqual(["1", "2"]);
    expect(replies).toEqual([[{ status: "ok", response: "1" }], [{ status: "ok", response: "2" }]]);
  });
});

describe("what is sent to a room", () => {
  it("by server code reaches this node's members, and nobody where there are none", async () => {
    const { rooms, ann, io } = await createRoom();
    rooms.deliver("a", "said", 1);
    expect(ann.sent).toEqual([["said", 1, { room: "a" }]]);
    let broadcasts = 0;
    io.of("/").adapter.broadcast = () => {
      broadcasts += 1;
    };
    rooms.deliver("c", "said", 1);
    expect(broadcasts).toBe(0);
  });

  it("and is logged reaches them from the log", async () => {
    const rooms = [{ match: "log:*", log: { size: 5 }, presence: false }];
    const scene = createScene({ options: { rooms } });
    const ann = scene.connect();
    scene.join(ann, "log:a");
    await settle();
    scene.rooms.deliver("log:a", "said", 1);
    expect(ann.sent).toMatchObject([["said", { text: "1" }, { offset: 1 }]]);
    expect([scene.rooms.hears("log:b"), scene.rooms.hasMembers("log:b")]).toEqual([true, false]);
    expect(scene.rooms.loggedPatterns()).toEqual(["log:*"]);
    expect(scene.rooms.settingsOf("log:b").match).toBe("log:*");
  });
});

describe("the rooms that keep a log", () => {
  it("are those that a channel or the settings say, but never admin", () => {
    const rooms = [{ match: "x:*" }, { match: "*", log: { size: 5 } }];
    const scene = createScene({ options: { rooms } });
    scene.rooms.declare("c:*", { log: { size: 3 } });
    const keeps = (room: string): boolean => scene.rooms.logs.keeps(room);
    expect(["a", "c:1", "x:1", "admin"].map(keeps)).toEqual([true, true, false, false]);
    expect(scene.rooms.loggedPatterns()).toEqual(["*", "c:*"]);
  });

  it("are none where nothing says so", () => {
    const scene = createScene({ options: { rooms: [{ match: "a" }] } });
    expect([scene.rooms.logs.keeps("a"), scene.rooms.loggedPatterns()]).toEqual([false, []]);
  });
});
