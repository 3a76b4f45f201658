import { describe, expect, it } from "vitest";
import { accept } from "../../../server/rooms/definition.ts";
import type { LogStore } from "../../../server/rooms/log/log-store.ts";
import { MemoryLogs } from "../../../server/rooms/log/memory-logs.ts";
import { createScene, refused, settle } from "./room-scene.ts";

const OK = { status: "ok", response: {} };
const RELAYED = { rooms: [{ match: "*", presence: false }] };
const LOGGED = { rooms: [{ match: "*", log: { size: 5 }, presence: false }] };
const unfit = { bytes: new Uint8Array(1) };

describe("what waits in a room for a join that takes its time", () => {
  it("is so much and no more: a further join and a further push are refused", async () => {
    const { rooms, join, push, leave, connect } = createScene({
      options: { limits: { maxWaitingPushes: 1 } },
    });
    let decide = (): void => {};
    const decided = new Promise<void>((resolve) => {
      decide = resolve;
    });
    rooms.declare("a", { join: () => decided.then(() => accept(undefined)) });
    const ann = connect();
    const first = join(ann, "a");
    const waiting = push(ann, "a", "said");
    const tooMany = refused("too_many_waiting");
    expect([join(ann, "a"), push(ann, "a", "said"), leave(ann, "a")]).toMatchObject([
      [tooMany],
      [tooMany],
      [tooMany],
    ]);
    decide();
    await settle();
    expect([first, waiting]).toMatchObject([[OK], [refused("event_unhandled")]]);
  });
});

describe("somebody who sends without being a member", () => {
  it("is refused what no dialect could carry, and an event's name that is none", () => {
    const { visit, connect, told } = createScene({ options: RELAYED });
    const ann = connect();
    expect(visit(ann, "a", "said", unfit)).toMatchObject([refused("payload_invalid")]);
    expect(visit(ann, "a", "")).toMatchObject([refused("event_name_invalid")]);
    expect(visit(ann, "a", "phx_close")).toMatchObject([refused("event_name_reserved")]);
    expect(visit(ann, "a", 7)).toMatchObject([refused("event_name_invalid")]);
    expect(told).toEqual([]);
  });

  it("is refused where the room's channel takes nothing from outside", () => {
    const { rooms, visit, connect } = createScene();
    rooms.declare("a", {});
    expect(visit(connect(), "a", "said")).toMatchObject([refused("room_not_joined")]);
  });

  it("is answered where what it sent fails on its way, at once or later", async () => {
    const failing = createScene({
      options: { rooms: [{ match: "*", presence: false, deliver: "both" }] },
      backends: {
        publish: () => {
          throw new Error("boom");
        },
      },
    });
    const crashed = refused("push_crashed");
    expect(failing.visit(failing.connect(), "a", "said")).toMatchObject([crashed]);
    expect(failing.crashes).toEqual([["boom", "a", "said"]]);

    const later = createScene({
      options: LOGGED,
      createLogs: (context) => {
        const append: LogStore["append"] = () => Promise.reject(new Error("late boom"));
        return Object.assign(new MemoryLogs(context), { append });
      },
    });
    const answers = later.visit(later.connect(), "a", "said");
    await settle();
    expect(answers).toMatchObject([crashed]);
    expect(later.crashes).toEqual([["late boom", "a", "said"]]);
  });
});

describe("the room of one socket alone", () => {
  it("keeps no log, on whichever node the socket may be", () => {
    const { rooms, connect } = createScene({ options: LOGGED });
    const elsewhere = "BNNjOWTigI1heSKlAAAB";
    expect([rooms.logs.keeps("a"), rooms.logs.keeps(connect().id)]).toEqual([true, false]);
    expect(rooms.logs.keeps(elsewhere)).toBe(false);
  });
});

describe("a push into a room with a log", () => {
  it("is refused where the payload cannot be kept once its numbers are out", () => {
    const { join, push, connect } = createScene({ options: LOGGED });
    const ann = connect();
    join(ann, "a");
    const unsayable = { toJSON: () => undefined };
    expect(push(ann, "a", "said", unsayable)).toMatchObject([refused("payload_invalid")]);
  });
});

describe("settings that speak of no log", () => {
  it("have no room looked up for one", () => {
    expect(createScene({ options: RELAYED }).rooms.channels.mayLog).toBe(false);
    expect(createScene({ options: LOGGED }).rooms.channels.mayLog).toBe(true);
  });
});

describe("a node that has lost broadcasts", () => {
  it("has the members told for whom they were", () => {
    const { rooms, join, connect, clock } = createScene({ options: RELAYED });
    const [ann, bob] = [connect(), connect()];
    join(ann, "a");
    join(bob, "b");
    rooms.lost({ rooms: ["a"], lastMs: clock.now() });
    const missed = ["missed", { code: "messages_missed" }, { room: "a" }];
    expect([ann.sent, bob.sent]).toMatchObject([[missed], []]);
  });
});

describe("a join whose answer has no JSON", () => {
  it("is refused, and told to the application", async () => {
    const { rooms, join, connect, crashes } = createScene();
    rooms.declare("a", { join: () => accept(undefined, { large: 1n }) });
    const answers = join(connect(), "a");
    await settle();
    expect(answers).toMatchObject([refused("join_crashed")]);
    expect(crashes).toMatchObject([[expect.stringContaining("BigInt"), "a", "phx_join"]]);
  });
});

describe("a join that waits for what cannot be had", () => {
  it("is told to the application, and takes no place among the connection's rooms", async () => {
    const { join, connect, crashes } = createScene({
      options: { limits: { maxRoomsPerConnection: 1 } },
      backends: {
        hear: (room) => (room === "a" ? Promise.reject(new Error("deaf")) : undefined),
      },
    });
    const ann = connect();
    expect(join(ann, "a")).toEqual([]);
    await settle();
    expect(crashes).toEqual([["deaf", "a", "request"]]);
    expect(join(ann, "b")).toMatchObject([{ status: "ok" }]);
  });
});
