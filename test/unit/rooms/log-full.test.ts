import type { Server } from "socket.io";
import { describe, expect, it } from "vitest";
import { optionsSchema } from "../../../server/options.ts";
import { noBackends } from "../../../server/rooms/backends.ts";
import { MemoryLogs } from "../../../server/rooms/log/memory-logs.ts";
import { RoomLogs } from "../../../server/rooms/log/room-logs.ts";
import { unloggedCode } from "../../../server/rooms/log/unlogged-code.ts";
import type { Member } from "../../../server/rooms/member.ts";
import { createPublish } from "../../../server/rooms/publishing.ts";
import { Relay } from "../../../server/rooms/relay.ts";
import { refuse } from "../../../server/rooms/reply.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const ROOM = "process:a:tokens";

/** The log of a room that has one place, and refuses what comes after. */
function openLogs() {
  const { limits } = optionsSchema.parse({});
  const lost: string[] = [];
  const store = new MemoryLogs({
    settingsOf: () => ({ size: 1, ttlMs: 60_000, whenFull: "refuse" }),
    hasMembers: () => false,
    deliver: () => {},
    limits,
    clock: new ManualClock(),
    randomId: () => "epoch",
  });
  const logs = new RoomLogs({
    store,
    keeps: () => true,
    spareBytes: () => 0,
    intercept: () => undefined,
    onLost: (...what) => lost.push(what.join(" ")),
  });
  return { logs, lost };
}

/** A Socket.IO server of which only the list of rooms is asked for. */
function emptyServer(): Server {
  const namespace = { sockets: new Map(), adapter: { rooms: new Map() } };
  return { sockets: namespace } as unknown as Server;
}

describe("What does not fit into a full log", () => {
  it("is refused to the member that pushes it", () => {
    const { logs } = openLogs();
    const [settings] = optionsSchema.parse({ rooms: [{ match: "*", deliver: "members" }] }).rooms;
    if (settings === undefined) throw new Error("no settings");
    const relay = new Relay({
      io: emptyServer(),
      backends: noBackends,
      hasOtherNodes: false,
      tracking: undefined as never,
      settings: [settings],
      logs,
    });
    const visitor = { room: ROOM, key: "ann", peer: { id: "1" } } as unknown as Member;
    expect(relay.visit(visitor, "said", { n: 1, _sequence: 1 })).toMatchObject({ status: "ok" });
    const refused = refuse("log_full");
    expect(relay.visit(visitor, "said", { n: 2, _sequence: 2 })).toEqual(refused);
    expect(relay.visit(visitor, "said", { n: 1, _sequence: 1 })).toMatchObject({ status: "ok" });
  });

  it("is refused to the program that publishes it", () => {
    const { logs } = openLogs();
    const rooms = { roomOf: (name: string) => name, isPrivate: () => false, logs };
    const publish = createPublish({ io: emptyServer(), rooms });
    const publication = { room: ROOM, event: "said", payload: {}, except: [] };
    expect(publish(publication, () => true)).toMatchObject({ ok: true, offset: 1 });
    expect(publish(publication, () => true)).toEqual({ ok: false, code: "log_full" });
  });

  it("is reported where nobody waits for an answer", () => {
    const { logs, lost } = openLogs();
    const broadcast = { packet: { data: ["said", {}] }, audience: { rooms: new Set([ROOM]) } };
    expect(logs.record(broadcast)).toBe(true);
    expect(lost).toEqual([]);
    expect(logs.record(broadcast)).toBe(true);
    expect(logs.recordFromEverywhere(ROOM, "said", {})).toBe(true);
    expect(lost).toEqual([`${ROOM} said full`, `${ROOM} said full`]);
  });

  it("fits once the log is forgotten", async () => {
    const { logs } = openLogs();
    const draft = { event: "said", payload: new Uint8Array(1) };
    expect(logs.append(ROOM, draft)).toMatchObject({ ok: true });
    expect(logs.append(ROOM, draft)).toEqual({ ok: false, reason: "full" });
    await logs.forget(ROOM, 0);
    expect(logs.append(ROOM, draft)).toMatchObject({ ok: true, offset: 1 });
  });

  it("is told from what cannot reach the log", () => {
    expect(unloggedCode("full")).toBe("log_full");
    expect(unloggedCode("unavailable")).toBe("log_unavailable");
  });
});
