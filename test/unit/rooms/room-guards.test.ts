import { describe, expect, it } from "vitest";
import { EntryMeta } from "../../../server/entry-meta.ts";
import type { ChannelMember } from "../../../server/rooms/channel-member.ts";
import type { LogStoreContext } from "../../../server/rooms/log/log-store.ts";
import { MemoryLogs } from "../../../server/rooms/log/memory-logs.ts";
import type { PresenceState } from "../../../server/rooms/presence.ts";
import { createScene, refused, settle } from "./room-scene.ts";

const OK = { status: "ok", response: {} };
const QUIET = { rooms: [{ match: "log:*", log: { size: 5 }, presence: false }] };

describe("a room's other members", () => {
  it("stay, and hear of it, when one leaves", async () => {
    const { rooms, join, leave, connect, clock, crashes } = createScene();
    const [ann, bob] = [connect(), connect()];
    join(ann, "a");
    join(bob, "a");
    clock.advance(50);
    bob.sent.length = 0;
    leave(ann, "a");
    clock.advance(50);
    const leaves = { id2: { metas: [{ phx_ref: "id11" }] } };
    expect(bob.sent).toEqual([["presence_diff", { joins: {}, leaves }, { room: "a" }]]);
    expect([rooms.memberships.size, crashes]).toEqual([1, []]);
  });

  it("of the admin room hear of all others", () => {
    const { join, connect } = createScene();
    const [ann, bob] = [connect(), connect()];
    join(ann, "admin");
    ann.sent.length = 0;
    join(bob, "a");
    expect(ann.sent.map(([event]) => event)).toEqual(["channel.add", "channel.join"]);
  });
});

describe("a membership that has been replaced", () => {
  it("cannot end the one in its place", async () => {
    const { rooms, join, connect } = createScene();
    const members: ChannelMember[] = [];
    rooms.declare("a", { joined: (member) => void members.push(member) });
    const ann = connect();
    join(ann, "a");
    await settle();
    join(ann, "a");
    await settle();
    members[0]?.stop();
    members[0]?.push("said", 1);
    expect(rooms.memberships.room("a")?.members.size).toBe(1);
    expect(ann.sent).toEqual([]);
  });
});

describe("a name that is no text", () => {
  it("is refused, or taken as a room that was not joined, beside aliases for many rooms", () => {
    const { rooms, join, leave, push, visit, connect } = createScene();
    rooms.declare("a:*", { aliases: ["b:*"] });
    const ann = connect();
    join(ann, "a:1");
    expect(join(ann, 7)).toMatchObject([refused("room_name_invalid")]);
    expect(leave(ann, 7)).toEqual([OK]);
    expect(push(ann, 7, "said")).toMatchObject([refused("room_not_joined")]);
    expect(visit(ann, 7, "said")).toMatchObject([refused("room_name_invalid")]);
  });
});

describe("somebody who sends without being a member", () => {
  const options = { rooms: [{ match: "a", aliases: ["b"], presence: false }] };

  it("needs a token for the room, by either of its names", () => {
    const scene = (connectionToken: string) => createScene({ options, connectionToken });
    for (const token of ["a", "b"]) {
      const { visit, connect } = scene(token);
      expect(visit(connect(), "b", "said")).toEqual([OK]);
    }
    const { visit, connect } = scene("c");
    expect(visit(connect(), "b", "said")).toMatchObject([refused("room_forbidden")]);
  });
});

describe("an answer that cannot be given", () => {
  it("is reported with its room", () => {
    const { rooms, join, connect, asSocket, crashes } = createScene();
    const ann = connect();
    join(ann, "a");
    rooms.leave(
      asSocket(ann),
      "a",
      () => true,
      () => {
        throw new Error("boom");
      },
    );
    expect(crashes).toEqual([["boom", "a", "request"]]);
  });
});

describe("a room with a log", () => {
  it("sends what was missed by way of the channel that intercepts it", async () => {
    const { rooms, join, connect } = createScene();
    rooms.declare("a", {
      log: { size: 5 },
      intercept: { said: (_member, payload) => ({ changed: payload }) },
    });
    rooms.deliver("a", "said", { n: 1 });
    const ann = connect();
    join(ann, "a", { since: 0 });
    await settle();
    const entry = expect.any(EntryMeta);
    expect(ann.sent).toEqual([["said", { changed: { n: 1 } }, entry]]);
  });

  it("that is forgotten tells its members, and no others", () => {
    let context: LogStoreContext | undefined;
    const { join, connect, interrupted } = createScene({
      options: QUIET,
      createLogs: (given) => {
        context = given;
        return new MemoryLogs(given);
      },
    });
    const [ann, bob] = [connect(), connect()];
    join(ann, "log:a");
    join(bob, "log:b");
    context?.onForgotten?.("log:a");
    expect(ann.sent).toMatchObject([["missed", { code: "messages_missed" }, { room: "log:a" }]]);
    expect([bob.sent, interrupted()]).toEqual([[], 1]);
    expect(context?.hasMembers("log:a")).toBe(true);
    expect(context?.hasMembers("log:c")).toBe(false);
  });

  it("is not concerned when messages of other nodes may have been missed", () => {
    const { rooms, join, connect } = createScene({ options: QUIET });
    const ann = connect();
    join(ann, "log:a");
    rooms.interrupted();
    expect(ann.sent).toEqual([]);
  });
});

describe("a room without members and without a log", () => {
  it("is heard by nobody here", () => {
    const { rooms } = createScene({ options: QUIET });
    expect([rooms.hears("a"), rooms.hears("log:a")]).toEqual([false, true]);
  });

  it("that no channel serves may have members on another node", async () => {
    const { rooms } = createScene();
    rooms.declare("a", {});
    const meta = { phx_ref: "1" };
    rooms.memberships.presences.add("elsewhere", "bob", meta);
    expect(await rooms.tracking.list("elsewhere")).toEqual({ bob: { metas: [meta] } });
  });
});

describe("a channel's member", () => {
  it("is told who is present where its channel adds nothing to that", async () => {
    const { rooms, join, connect, crashes } = createScene();
    rooms.declare("a", { joined: (member) => void member.presence.track() });
    const ann = connect();
    join(ann, "a");
    await settle();
    expect(ann.sent).toMatchObject([["presence_state", {}, { room: "a" }]]);
    expect(crashes).toEqual([]);
  });

  it("may be made absent without having been present", async () => {
    const { rooms, join, connect, crashes, clock } = createScene();
    rooms.declare("a", { joined: (member) => member.presence.untrack() });
    const ann = connect();
    join(ann, "a");
    await settle();
    clock.advance(100);
    expect([crashes, ann.sent]).toEqual([[], []]);
  });

  it("that has left meanwhile is not told who is present", async () => {
    const { rooms, join, leave, connect, clock } = createScene();
    let tell = (): void => {};
    rooms.declare("a", {
      joined: (member) => void member.presence.track(),
      presence: (_room, presences) =>
        new Promise<PresenceState>((resolve) => {
          tell = () => resolve(presences);
        }),
    });
    const ann = connect();
    join(ann, "a");
    await settle();
    leave(ann, "a");
    tell();
    await settle();
    clock.advance(100);
    expect(ann.sent).toEqual([["phx_close", {}, { room: "a" }]]);
  });

  it("is not harmed by an event that its channel does not intercept", async () => {
    const { rooms, join, connect, asSocket, crashes } = createScene();
    rooms.declare("a", { intercept: { said: () => 1 } });
    const ann = connect();
    join(ann, "a");
    await settle();
    expect(rooms.intercept(asSocket(ann), "a", "other", 1)).toBeUndefined();
    expect(crashes).toEqual([]);
  });
});
