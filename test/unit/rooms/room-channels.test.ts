import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { ChannelMember } from "../../../server/rooms/channel-member.ts";
import {
  accept,
  type ChannelDefinition,
  reply,
  replyError,
} from "../../../server/rooms/definition.ts";
import { createScene, refused, settle } from "./room-scene.ts";

const OK = { status: "ok", response: {} };

function createRoom(definition: ChannelDefinition<unknown, never, Record<string, never>>) {
  const scene = createScene();
  scene.rooms.declare("a", definition as never);
  const [ann, bob] = [scene.connect(), scene.connect()];
  return { ...scene, ann, bob };
}

describe("a channel's handler", () => {
  it("answers a push with what it returns, at once or later, or not at all", async () => {
    const { join, push, ann } = createRoom({
      on: {
        good: { handle: () => reply({ n: 1 }) },
        bad: { handle: async () => replyError("no") },
        none: { handle: () => {} },
        own: { handle: (_member, _payload, request) => request.reply(reply(7)) },
      },
      otherwise: (_member, event) => reply(event),
    });
    join(ann, "a");
    await settle();
    const replies = ["good", "bad", "none", "own", "other"].map((event) => push(ann, "a", event));
    await settle();
    expect(replies).toEqual([
      [{ status: "ok", response: { n: 1 } }],
      [{ status: "error", response: "no" }],
      [],
      [{ status: "ok", response: 7 }],
      [{ status: "ok", response: "other" }],
    ]);
  });

  it("gets what its schema makes of the payload, which is refused where it does not fit", async () => {
    const scene = createScene();
    const got: unknown[] = [];
    scene.rooms.declare("a", {
      params: z.object({ name: z.string() }),
      join: (_candidate: unknown, { name }: { name: string }) => accept(name),
      on: {
        say: {
          payload: z.object({ n: z.number().default(1) }),
          handle: (member: ChannelMember, payload: unknown) => {
            got.push([member.state, payload]);
          },
        },
      },
    } as never);
    const ann = scene.connect();
    expect(scene.join(ann, "a", {})).toMatchObject([refused("payload_invalid")]);
    expect(scene.join(ann, "a", { name: "Ann" })).toEqual([OK]);
    await settle();
    expect(scene.push(ann, "a", "say", { n: "x" })).toMatchObject([
      { response: { code: "payload_invalid", issues: [{ path: ["n"] }] } },
    ]);
    scene.push(ann, "a", "say", {});
    expect(got).toEqual([["Ann", { n: 1 }]]);
  });
});

describe("a channel's member", () => {
  it("sends to itself, to all, or to all others", async () => {
    const { join, push, ann, bob } = createRoom({
      on: {
        own: { handle: (member, payload) => member.push("said", payload) },
        all: { handle: (member, payload) => member.broadcast("said", payload) },
        others: { handle: (member, payload) => member.broadcastFrom("said", payload) },
      },
    });
    join(ann, "a");
    join(bob, "a");
    await settle();
    for (const event of ["own", "all", "others"]) push(ann, "a", event, event);
    const said = (payload: string) => ["said", payload, { room: "a" }];
    expect(ann.sent).toEqual([said("own"), said("all")]);
    expect(bob.sent).toEqual([said("all"), said("others")]);
  });

  it("is told nothing more once it has left, and may be stopped again", async () => {
    const members: ChannelMember[] = [];
    const { join, leave, ann } = createRoom({ joined: (member) => void members.push(member) });
    join(ann, "a");
    await settle();
    leave(ann, "a");
    await settle();
    ann.sent.length = 0;
    for (const member of members) {
      member.push("said", 1);
      member.stop();
    }
    expect(ann.sent).toEqual([]);
  });

  it("knows its room, its names and its socket", async () => {
    const seen: unknown[] = [];
    const { join, ann } = createRoom({
      joined: ({ room, id, connection, socket }) => void seen.push(room, id, connection, socket),
      join: ({ room, id, connection, socket }) => {
        seen.push(room, id, connection, socket);
        return accept(undefined);
      },
    });
    join(ann, "a", { token: "a" });
    await settle();
    const known = ["a", "holder of a", "id1", ann];
    expect(seen).toEqual([...known, ...known]);
  });
});

describe("an intercepted event", () => {
  it("is what the channel makes of it for each member, or nothing", async () => {
    const { rooms, join, ann, asSocket, connect } = createRoom({
      intercept: { said: (_member, payload) => (payload === "secret" ? undefined : [payload]) },
    });
    join(ann, "a");
    await settle();
    const socket = asSocket(ann);
    expect([rooms.intercepts("a", "said"), rooms.intercepts("a", "other")]).toEqual([true, false]);
    expect(rooms.intercept(socket, "a", "said", 1)).toEqual({ payload: [1] });
    expect(rooms.intercept(socket, "a", "said", "secret")).toBeUndefined();
    expect(rooms.intercept(asSocket(connect()), "a", "said", 1)).toBeUndefined();
  });

  it("that makes the channel fail costs its member the room", async () => {
    const { rooms, join, ann, asSocket, crashes } = createRoom({
      intercept: {
        said: () => {
          throw new Error("boom");
        },
      },
    });
    join(ann, "a");
    await settle();
    expect(rooms.intercept(asSocket(ann), "a", "said", 1)).toBeUndefined();
    expect(crashes).toEqual([["boom", "a", "said"]]);
    expect(ann.sent).toMatchObject([["phx_error", { code: "push_crashed" }, { room: "a" }]]);
  });

  it("is none in a channel that intercepts nothing", () => {
    const { rooms } = createRoom({});
    expect(rooms.intercepts("a", "said")).toBe(false);
  });
});

describe("a member's presence", () => {
  const tracking = (on: Record<string, (member: ChannelMember, payload: never) => unknown>) =>
    createRoom({
      on: Object.fromEntries(
        Object.entries(on).map(([event, call]) => [
          event,
          { handle: (member: ChannelMember, payload: never) => reply(call(member, payload)) },
        ]),
      ) as never,
    });
  const told = (sent: unknown) => JSON.parse(JSON.stringify(sent));

  it("is told to it at once, and to all others after a moment", async () => {
    const { join, push, ann, bob, clock } = tracking({
      come: ({ presence }, meta) => presence.track(meta),
    });
    join(ann, "a", { token: "a" });
    join(bob, "a");
    await settle();
    const meta = { name: "Ann", phx_ref: "id11" };
    expect(push(ann, "a", "come", { name: "Ann" })).toEqual([{ status: "ok", response: meta }]);
    const state = { "holder of a": { metas: [meta] } };
    expect(told(ann.sent)).toEqual([["presence_state", state, { room: "a" }]]);
    expect(bob.sent).toEqual([]);
    clock.advance(50);
    const diff = ["presence_diff", { joins: state, leaves: {} }, { room: "a" }];
    expect([told(ann.sent)[1], told(bob.sent)]).toEqual([diff, [diff]]);
  });

  it("may change, which is one diff that says what was before", async () => {
    const { join, push, ann, clock } = tracking({
      come: ({ presence }) => presence.track(),
      change: ({ presence }, meta) => presence.update(meta),
    });
    join(ann, "a", { token: "a" });
    await settle();
    push(ann, "a", "come");
    clock.advance(50);
    ann.sent.length = 0;
    push(ann, "a", "change", { n: 1 });
    clock.advance(50);
    const now = { n: 1, phx_ref: "id12", phx_ref_prev: "id11" };
    const joins = { "holder of a": { metas: [now] } };
    const leaves = { "holder of a": { metas: [{ phx_ref: "id11" }] } };
    expect(told(ann.sent)).toEqual([["presence_diff", { joins, leaves }, { room: "a" }]]);
  });

  it("ends when it is untracked, or when the member leaves", async () => {
    const { join, push, leave, ann, bob, rooms } = tracking({
      come: ({ presence }, key) => presence.track({}, key),
      go: ({ presence }) => presence.untrack("x"),
    });
    join(bob, "a");
    await settle();
    join(ann, "a");
    await settle();
    push(ann, "a", "come", "x");
    push(ann, "a", "come", "y");
    expect(Object.keys(await rooms.tracking.list("a"))).toEqual(["x", "y"]);
    expect(ann.sent).toHaveLength(1);
    push(ann, "a", "go");
    push(ann, "a", "go");
    expect(Object.keys(await rooms.tracking.list("a"))).toEqual(["y"]);
    leave(ann, "a");
    await settle();
    expect(await rooms.tracking.list("a")).toEqual({});
    expect(await rooms.tracking.list("nowhere")).toEqual({});
  });

  it("is listed for the channel, all of it or one key", async () => {
    const members: ChannelMember[] = [];
    const { join, ann } = createRoom({ joined: (member) => void members.push(member) });
    join(ann, "a", { token: "a" });
    await settle();
    const [member] = members;
    if (member === undefined) throw new Error("nobody joined");
    const meta = member.presence.track({ n: 1 });
    expect(await member.presence.list()).toEqual({ "holder of a": { metas: [meta] } });
    expect(await member.presence.get("holder of a")).toEqual([meta]);
    expect([await member.presence.get("b"), await member.presence.get("toString")]).toEqual([
      [],
      [],
    ]);
  });

  it("cannot be told twice under a key, changed where it is not, or told of who has left", async () => {
    const members: ChannelMember[] = [];
    const { join, leave, ann } = createRoom({ joined: (member) => void members.push(member) });
    join(ann, "a");
    await settle();
    const [member] = members;
    if (member === undefined) throw new Error("nobody joined");
    expect(() => member.presence.update({})).toThrow("not tracked: id2");
    member.presence.track();
    expect(() => member.presence.track()).toThrow("already tracked: id2");
    expect(() => member.presence.track({ a: new Uint8Array(1) }, "x")).toThrow("payload_invalid");
    expect(() => member.presence.track({ a: "x".repeat(4096) }, "x")).toThrow("too_large");
    expect(() => member.presence.track({ a: "x".repeat(4096 - 8) }, "x")).not.toThrow();
    leave(ann, "a");
    await settle();
    expect(() => member.presence.track({}, "y")).toThrow("not in the room");
  });

  it("is told with what the channel adds, and without it where that fails", async () => {
    const fails: { now: boolean } = { now: false };
    const scene = createScene();
    scene.rooms.declare("a", {
      joined: (member) => void member.presence.track(),
      presence: (room, presences) => {
        if (fails.now) throw new Error("boom");
        return Object.fromEntries(
          Object.entries(presences).map(([key, value]) => [key, { ...value, room }]),
        );
      },
    });
    const ann = scene.connect();
    scene.join(ann, "a", { token: "a" });
    await settle();
    const added = { "holder of a": { metas: [{ phx_ref: "id11" }], room: "a" } };
    expect(ann.sent).toEqual([["presence_state", added, { room: "a" }]]);
    expect(await scene.rooms.tracking.list("a")).toEqual(added);
    fails.now = true;
    expect(await scene.rooms.tracking.list("a")).toEqual({
      "holder of a": { metas: [{ phx_ref: "id11" }] },
    });
    expect(scene.crashes).toEqual([["boom", "a", "presence"]]);
  });

  it("of a room without members on this node is told with what its channel adds", async () => {
    const scene = createScene();
    scene.rooms.declare("a", {
      presence: (room, presences) => ({ ...presences, [room]: { metas: [] } }),
    });
    scene.rooms.memberships.presences.add("a", "bob", { phx_ref: "1" });
    expect(await scene.rooms.tracking.list("a")).toEqual({
      bob: { metas: [{ phx_ref: "1" }] },
      a: { metas: [] },
    });
  });
});

it("a channel that fails when a member leaves is reported, and the member is out", async () => {
  const { join, leave, ann, crashes, rooms } = createRoom({
    leave: () => {
      throw new Error("boom");
    },
  });
  join(ann, "a");
  await settle();
  expect(leave(ann, "a")).toEqual([OK]);
  await settle();
  expect(crashes).toEqual([["boom", "a", "phx_leave"]]);
  expect(rooms.memberships.size).toBe(0);
});
