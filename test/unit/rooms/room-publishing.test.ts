import { describe, expect, it } from "vitest";
import type { LogStore } from "../../../server/rooms/log/log-store.ts";
import { createPublish } from "../../../server/rooms/publishing.ts";
import { createScene } from "./room-scene.ts";

const rooms = [
  { match: "a", presence: false, aliases: ["b"] },
  { match: "log:*", presence: false, log: { size: 5 }, aliases: ["l:*"] },
  { match: "phoenix", aliases: ["p"] },
];

function createHouse(createLogs?: () => LogStore) {
  const scene = createScene({ options: { rooms }, ...(createLogs && { createLogs }) });
  const publish = createPublish(scene);
  const send = (room: unknown, event: unknown = "said", more: object = {}, may = "a") =>
    publish({ room, event, payload: { n: 1 }, except: [], ...more }, (name) => name === may);
  const [ann, bob] = [scene.connect(), scene.connect()];
  return { ...scene, send, ann, bob };
}

const said = (room: string) => ["said", { n: 1 }, { room }];

describe("what a program publishes", () => {
  it("reaches the members, and is answered with their number", () => {
    const { send, join, ann, bob, told } = createHouse();
    expect(send("a")).toEqual({ ok: true, room: "a", event: "said", members: 0 });
    join(ann, "a");
    join(bob, "a");
    told.length = 0;
    expect(send("a")).toEqual({ ok: true, room: "a", event: "said", members: 2 });
    expect([ann.sent, bob.sent, told]).toEqual([[said("a")], [said("a")], []]);
  });

  it("leaves out whom it names, by the connection or by the member", () => {
    const { send, join, connect, ann, bob } = createHouse();
    const cid = connect();
    for (const socket of [ann, bob]) join(socket, "a");
    join(cid, "log:a");
    const except = ["id1", "id3:a:r", "id5", "nobody", "id1"];
    expect(send("a", "said", { except })).toMatchObject({ ok: true, members: 0 });
    expect(send("a", "said", { except: ["id1"] })).toMatchObject({ ok: true, members: 1 });
    expect([ann.sent, bob.sent]).toEqual([[], [said("a")]]);
  });

  it("may name the room by either of its names, with leave for either", () => {
    const { send, join, ann } = createHouse();
    join(ann, "a");
    expect(send("b")).toEqual({ ok: true, room: "b", event: "said", members: 1 });
    expect(send("b", "said", {}, "b")).toMatchObject({ ok: true });
    expect(ann.sent).toEqual([said("a"), said("a")]);
    expect(send("b", "said", {}, "c")).toEqual({ ok: false, code: "room_forbidden" });
  });

  it.each([
    [7, "said", "room_name_invalid"],
    ["", "said", "room_name_invalid"],
    ["phoenix", "said", "room_unmatched"],
    ["p", "said", "room_unmatched"],
    ["socket1", "said", "room_forbidden"],
    ["c", "said", "room_forbidden"],
    ["a", 7, "event_name_invalid"],
    ["a", "", "event_name_invalid"],
    ["a", "phx_close", "event_name_reserved"],
  ])("in the room %j as the event %j is refused: %s", (room, event, code) => {
    const { send, join, ann } = createHouse();
    join(ann, "a");
    const may = room === "socket1" ? "socket1" : "a";
    expect(send(room, event, {}, may)).toEqual({ ok: false, code });
    expect(ann.sent).toEqual([]);
  });

  it("in a room with a log is answered with its number", () => {
    const { send, join, ann, bob } = createHouse();
    join(ann, "log:a");
    join(bob, "log:a");
    const more = { except: ["id1"] };
    expect(send("log:a", "said", more, "log:a")).toEqual({
      ok: true,
      room: "log:a",
      event: "said",
      members: 1,
      offset: 1,
    });
    expect(ann.sent).toEqual([]);
    expect(bob.sent).toMatchObject([["said", { text: '{"n":1}' }, { room: "log:a", offset: 1 }]]);
  });

  it("and no log can keep goes on without a number", () => {
    const { send, join, ann } = createHouse();
    join(ann, "log:a");
    const payload = { a: new Uint8Array(1) };
    const sent = send("log:a", "said", { payload }, "log:a");
    expect(sent).toEqual({ ok: true, room: "log:a", event: "said", members: 1 });
    expect(ann.sent).toEqual([["said", payload, { room: "log:a" }]]);
  });

  it.each([
    ["full", "log_full"],
    ["unavailable", "log_unavailable"],
  ] as const)("is refused where the log is %s", (reason, code) => {
    const { send } = createHouse(() => ({
      append: () => ({ ok: false, reason }),
      open: () => undefined,
      read: () => undefined,
      forget: () => {},
      stop: () => {},
    }));
    expect(send("log:a", "said", {}, "log:a")).toEqual({ ok: false, code });
  });
});
