import { EventEmitter } from "node:events";
import type { Socket } from "socket.io";
import { describe, expect, it } from "vitest";
import type { Connection } from "../../../../server/connections/connection.ts";
import { EventsSession } from "../../../../server/dialects/events/session.ts";
import type { Rooms } from "../../../../server/rooms/rooms.ts";

interface Wish {
  readonly epoch?: string;
  readonly wantsPresence?: boolean;
}

/** A session that is in the room, whose log has the epoch. */
function sessionIn(room: string, { epoch = "e", wantsPresence = false }: Wish = {}) {
  const response = { offset: 1, epoch };
  const rooms = {
    roomOf: (name: string) => name,
    logs: { keeps: () => true },
    join: (
      _socket: unknown,
      _room: unknown,
      _request: unknown,
      answer: (...any: unknown[]) => void,
    ) => answer({ status: "ok", response }, {}),
  };
  const connection = Object.assign(new EventEmitter(), { readyState: "open", send: () => {} });
  const asker = { accept: () => {}, refuse: () => {} };
  const session = new EventsSession(connection as unknown as Connection, {} as Socket, {
    rooms: rooms as unknown as Rooms,
    room,
    params: {},
    wantsPresence,
    asker,
  });
  connection.emit("session");
  return session;
}

describe("the encoding of a room's events", () => {
  it("is the same for all who get the same bytes", () => {
    expect(sessionIn("a").encodingOf("a")).toBe(sessionIn("a").encodingOf("a"));
  });

  it.each<[string, Wish]>([
    ["has another epoch of the log", { epoch: "f" }],
    ["wants to know who is present", { wantsPresence: true }],
  ])("is another one for who %s", (_what, wish) => {
    expect(sessionIn("a", wish).encodingOf("a")).not.toBe(sessionIn("a").encodingOf("a"));
  });

  it("of a room that is not followed is another one, and says nothing", () => {
    const [inA, inB] = [sessionIn("a"), sessionIn("b")];
    expect(inA.encodingOf("b")).not.toBe(inB.encodingOf("b"));
    expect(inA.encodeBroadcast("b", "hi", {}, undefined)).toBeUndefined();
    expect(inA.encodePush("b", "hi", {}, undefined)).toBeUndefined();
    expect(String(inB.encodeBroadcast("b", "hi", {}, undefined)?.data)).toContain("event: hi");
  });
});
