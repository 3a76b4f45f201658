import { describe, expect, it } from "vitest";
import { accept, reject } from "../../../server/rooms/definition.ts";
import type { LogStore } from "../../../server/rooms/log/log-store.ts";
import { createScene, refused, settle } from "./room-scene.ts";

const OK = { status: "ok", response: {} };

/** A promise that is kept when it is told so. */
function later<Value>(value: Value) {
  let resolve = (): void => {};
  const promise = new Promise<Value>((onEnd) => {
    resolve = () => onEnd(value);
  });
  return { promise, resolve: () => resolve() };
}

describe("a join", () => {
  it("makes a member, tells the backends, and is answered before the channel goes on", async () => {
    const { rooms, join, connect, told } = createScene();
    const heard: string[] = [];
    rooms.declare("a", {
      join: (candidate) => accept(`state of ${candidate.id}`, { n: 1 }),
      joined: (member) => {
        heard.push(`${member.state} in ${member.room}`);
        member.push("welcome", 1);
      },
    });
    const ann = connect();
    expect(join(ann, "a", { token: "a" })).toEqual([{ status: "ok", response: { n: 1 } }]);
    await settle();
    expect(heard).toEqual(["state of holder of a in a"]);
    expect(ann.sent).toEqual([["welcome", 1, { room: "a" }]]);
    expect(told).toEqual([["a", "phx_join", { id: "holder of a", connection: "id1" }]]);
    expect([rooms.hasMembers("a"), rooms.hears("a"), rooms.hasMembers("b")]).toEqual([
      true,
      true,
      false,
    ]);
    expect([...rooms.memberships.all()].map(({ name }) => name)).toEqual(["a"]);
    expect([rooms.memberships.size, rooms.memberships.room("a")?.members.size]).toEqual([1, 1]);
  });

  it.each([
    [7, "room_name_invalid"],
    ["", "room_name_invalid"],
    ["phoenix", "room_unmatched"],
    ["nowhere", "room_unmatched"],
    ["socket2", "room_forbidden"],
    ["trap:2", "room_forbidden"],
    ["void:", "room_name_invalid"],
  ])("of %j is refused: %s", (name, code) => {
    const { rooms, join, connect } = createScene();
    rooms.declare("socket*", { aliases: ["trap:*"] });
    rooms.declare("*", { aliases: ["void:*"] });
    if (name === "nowhere") {
      const { rooms: others, join: joinOther, connect: connectOther } = createScene();
      others.declare("somewhere", {});
      expect(joinOther(connectOther(), name)).toMatchObject([refused(code)]);
      return;
    }
    const ann = connect();
    connect();
    expect(join(ann, name)).toMatchObject([refused(code)]);
    expect(ann.sent).toEqual([]);
  });

  it("is refused by its token, which may cover the room under either of its names", () => {
    const { rooms, join, connect } = createScene();
    rooms.declare("a:*", { aliases: ["b:*"] });
    expect(join(connect(), "a:1", { token: "c" })).toMatchObject([refused("room_forbidden")]);
    expect(join(connect(), "b:1", { token: "b:1" })).toEqual([OK]);
    expect(join(connect(), "b:1", { token: "a:1" })).toEqual([OK]);
    expect(rooms.memberships.room("a:1")?.members.size).toBe(2);
  });

  it("is refused by the channel, with what the channel says", () => {
    const { rooms, join, connect, told } = createScene();
    rooms.declare("a", { join: () => reject("no", { n: 1 }) });
    const ann = connect();
    expect(join(ann, "a")).toEqual([{ status: "error", response: { reason: "no", n: 1 } }]);
    expect([rooms.hasMembers("a"), told]).toEqual([false, []]);
  });

  it("is refused where the connection is in as many rooms as it may", async () => {
    const { rooms, join, connect } = createScene({
      options: { limits: { maxRoomsPerConnection: 2 } },
    });
    rooms.declare("*", {});
    const ann = connect();
    expect([join(ann, "a"), join(ann, "b")]).toEqual([[OK], [OK]]);
    await settle();
    expect(join(ann, "c")).toMatchObject([refused("rooms_exhausted")]);
    expect(join(ann, "b")).toEqual([OK]);
    await settle();
    expect(join(connect(), "c")).toEqual([OK]);
  });

  it("counts joins that are not decided yet among the rooms", async () => {
    const { rooms, join, leave, connect } = createScene({
      options: { limits: { maxRoomsPerConnection: 1 } },
    });
    const decision = later(accept(undefined));
    rooms.declare("slow", { join: () => decision.promise });
    rooms.declare("*", {});
    const ann = connect();
    const replies = join(ann, "slow");
    expect(join(ann, "a")).toMatchObject([refused("rooms_exhausted")]);
    expect(replies).toEqual([]);
    decision.resolve();
    await settle();
    expect(replies).toEqual([OK]);
    leave(ann, "slow");
    expect(join(ann, "a")).toEqual([OK]);
    await settle();
  });

  it.each([
    [
      "at once",
      () => {
        throw new Error("boom");
      },
    ],
    ["later", () => Promise.reject(new Error("boom"))],
  ])("whose channel fails %s is refused, and all else goes on", async (_when, fail) => {
    const { rooms, join, connect, crashes } = createScene();
    rooms.declare("a", { join: fail });
    rooms.declare("b", {});
    const ann = connect();
    const replies = join(ann, "a");
    await settle();
    expect(replies).toMatchObject([refused("join_crashed")]);
    expect(crashes).toEqual([["boom", "a", "phx_join"]]);
    expect(join(ann, "b")).toEqual([OK]);
    await settle();
  });

  it("whose channel fails once the member is in costs the member the room", async () => {
    const { rooms, join, connect, crashes } = createScene();
    rooms.declare("a", { joined: () => Promise.reject(new Error("boom")) });
    const ann = connect();
    expect(join(ann, "a")).toEqual([OK]);
    await settle();
    expect(crashes).toEqual([["boom", "a", "phx_join"]]);
    expect(ann.sent).toMatchObject([["phx_error", { code: "push_crashed" }, { room: "a" }]]);
    expect(rooms.hasMembers("a")).toBe(false);
  });

  it("of a connection that ends meanwhile makes no member", async () => {
    const { rooms, join, connect } = createScene();
    const decision = later(accept(undefined));
    rooms.declare("a", { join: () => decision.promise });
    const ann = connect();
    const replies = join(ann, "a");
    ann.end();
    decision.resolve();
    await settle();
    expect([replies, rooms.memberships.size]).toEqual([[], 0]);
  });

  it("waits until what others send to the room is heard", async () => {
    const hearing = later(undefined);
    const asked: string[] = [];
    const hear = (room: string): Promise<undefined> => {
      asked.push(room);
      return hearing.promise;
    };
    const { rooms, join, connect } = createScene({
      backends: { hear },
      options: { limits: { maxRoomsPerConnection: 1 } },
    });
    rooms.declare("*", {});
    const [ann, bob] = [connect(), connect()];
    const [replies, late] = [join(ann, "a"), join(bob, "a")];
    expect([asked, replies, rooms.hasMembers("a")]).toEqual([["a", "a"], [], false]);
    expect(join(ann, "b")).toMatchObject([refused("rooms_exhausted")]);
    bob.end();
    hearing.resolve();
    await settle();
    expect([replies, late]).toEqual([[OK], []]);
    expect(rooms.memberships.room("a")?.members.size).toBe(1);
    expect(join(ann, "a")).toEqual([]);
    await settle();
    expect(rooms.memberships.room("a")?.members.size).toBe(1);
  });

  it("waits for its turn where many join, and is refused where too many wait", async () => {
    const { rooms, join, connect, clock } = createScene({ joinsAtOnce: 1 });
    rooms.declare("a", {});
    expect(join(connect(), "a")).toEqual([OK]);
    const waiting = join(connect(), "a");
    expect(join(connect(), "a")).toMatchObject([refused("too_many_waiting")]);
    expect(waiting).toEqual([]);
    clock.advance(1000);
    await settle();
    expect(waiting).toEqual([OK]);
  });

  it("of a connection that ends while it waits for its turn is not answered", async () => {
    const { rooms, join, connect } = createScene({ joinsAtOnce: 1 });
    rooms.declare("a", {});
    join(connect(), "a");
    await settle();
    const ann = connect();
    const replies = join(ann, "a");
    ann.end();
    await settle();
    expect([replies, rooms.memberships.room("a")?.members.size]).toEqual([[], 1]);
  });

  it("takes the place of a membership that there is, also where it is refused", async () => {
    const { rooms, join, connect } = createScene();
    const left: string[] = [];
    rooms.declare("a", { leave: (_member, reason) => void left.push(reason) });
    const ann = connect();
    join(ann, "a");
    await settle();
    join(ann, "a");
    await settle();
    expect([left, rooms.memberships.room("a")?.members.size]).toEqual([["replaced"], 1]);
    expect(join(ann, "a", { token: "b" })).toMatchObject([refused("room_forbidden")]);
    expect([left, rooms.hasMembers("a"), ann.sent]).toEqual([["replaced", "replaced"], false, []]);
  });

  it.each([
    [false, { status: "ok" }],
    [true, refused("room_forbidden")],
  ])(
    "of a room whose name could be a socket's id, where there are other nodes (%s), is answered %j",
    (hasOtherNodes, answer) => {
      const { join, connect } = createScene({ hasOtherNodes });
      expect(join(connect(), "abcdefghij0123456_-Z")).toMatchObject([answer]);
      expect(join(connect(), "abcdefghij0123456_-Zx")).toMatchObject([{ status: "ok" }]);
    },
  );

  it("leaves nothing of its params behind that may be large", () => {
    const options = { rooms: [{ match: "*", log: {} }] };
    const { rooms, join, connect } = createScene({ options });
    const params = { meta: { name: "Ann" }, since: 0, epoch: "e" };
    expect(join(connect(), "a", params)).toMatchObject([{ status: "ok" }]);
    const [member] = rooms.memberships.room("a")?.members ?? [];
    expect(member?.params).toEqual({ token: undefined, meta: {}, position: undefined });
    expect(rooms.memberships.presences.of("a")?.state()).toMatchObject({
      id2: { metas: [{ name: "Ann" }] },
    });
  });

  it("has a name of its own where its client gives none", () => {
    const { join, connect } = createScene();
    const ann = connect();
    expect(join(ann, "a", {}, { ref: undefined })).toMatchObject([{ response: { id: "id1:a:1" } }]);
    expect(join(ann, "b", {}, { ref: 7 })).toMatchObject([{ response: { id: "id1:b:7" } }]);
    expect(join(ann, "c", {}, { ref: undefined })).toMatchObject([{ response: { id: "id1:c:3" } }]);
  });
});

describe("a join of a room with a log", () => {
  const options = { rooms: [{ match: "log:*", log: { size: 10 }, presence: false }] };

  it("is told where the log is, and gets what it has missed after its answer", () => {
    const { join, push, connect } = createScene({ options });
    const [ann, bob] = [connect(), connect()];
    const [first] = join(ann, "log:a");
    expect(first).toMatchObject({ response: { id: "id1:log:a:r", offset: 0, epoch: "id3" } });
    expect(first?.response).not.toHaveProperty("recovered");
    push(ann, "log:a", "said", { n: 1 });
    push(ann, "log:a", "said", { n: 2 });
    expect(join(bob, "log:a", { since: 1, epoch: "id3" })).toMatchObject([
      { response: { recovered: true, offset: 2 } },
    ]);
    expect(bob.sent).toMatchObject([["said", { text: '{"n":2}' }, { offset: 2, room: "log:a" }]]);
  });

  it("is refused where its position is none; another room does not look at it", () => {
    const { join, connect } = createScene({ options });
    expect(join(connect(), "log:a", { since: "x" })).toMatchObject([refused("since_invalid")]);
    expect(join(connect(), "a", { since: "x" })).toMatchObject([{ status: "ok" }]);
  });

  it.each([
    ["at once", undefined],
    ["later", Promise.resolve(undefined)],
  ])("is refused where the log cannot be reached, which is known %s", async (_when, opened) => {
    const store: LogStore = {
      append: () => ({ ok: false, reason: "unavailable" }),
      open: () => opened,
      read: () => undefined,
      forget: () => {},
      stop: () => {},
    };
    const { rooms, join, connect } = createScene({ options, createLogs: () => store });
    const replies = join(connect(), "log:a");
    await settle();
    expect(replies).toMatchObject([refused("log_unavailable")]);
    expect(rooms.hasMembers("log:a")).toBe(false);
  });

  it("of a connection that ends while the log is opened makes no member", async () => {
    const opening = later({ epoch: "e", offset: 0, first: 1, entries: [] });
    const store: LogStore = {
      append: () => ({ ok: false, reason: "unavailable" }),
      open: async (_room, _after, use) => use(await opening.promise),
      read: () => undefined,
      forget: () => {},
      stop: () => {},
    };
    const limits = { maxRoomsPerConnection: 1 };
    const given = { options: { ...options, limits }, createLogs: () => store };
    const { rooms, join, leave, connect } = createScene(given);
    const [ann, bob] = [connect(), connect()];
    const [replies, late] = [join(ann, "log:a"), join(bob, "log:a")];
    expect(join(ann, "b")).toMatchObject([refused("rooms_exhausted")]);
    bob.end();
    opening.resolve();
    await settle();
    expect([replies.length, late]).toEqual([1, []]);
    expect(rooms.memberships.room("log:a")?.members.size).toBe(1);
    leave(ann, "log:a");
    expect(join(ann, "b")).toMatchObject([{ status: "ok" }]);
    await settle();
  });
});
