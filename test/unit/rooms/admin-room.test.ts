import { describe, expect, it } from "vitest";
import { Admin } from "../../../server/rooms/admin.ts";
import { noBackends } from "../../../server/rooms/backends.ts";
import type { Departure, Member } from "../../../server/rooms/member.ts";
import type { Room } from "../../../server/rooms/room.ts";

const ALWAYS = ["phoenix", "system", "admin"];

/** Rooms by name with the ids of their members, and what the `admin` room is told. */
function createAdmin(members: Readonly<Record<string, readonly string[]>>, isConfigured = true) {
  const rooms = new Map<string, Room>();
  for (const [name, ids] of Object.entries(members)) {
    const all = new Set(ids.map((id) => ({ id }) as Member));
    rooms.set(name, { name, members: all } as unknown as Room);
  }
  const told: unknown[] = [];
  const backends = { ...noBackends, isConfigured };
  const admin = new Admin(rooms, backends, (...event) => told.push(event));
  const roomOf = (name: string): Room =>
    rooms.get(name) ?? ({ name, members: new Set() } as unknown as Room);
  const joined = (id: string, room: string): void => admin.joined({ id } as Member, roomOf(room));
  const left = (id: string, room: string, departure: Departure): void =>
    admin.left({ id, departure } as Member, roomOf(room));
  return { rooms, told, joined, left };
}

describe("the admin room", () => {
  it("is told of a room and of the member that has joined it", () => {
    const { told, joined } = createAdmin({ lobby: ["a", "b"] });
    joined("b", "lobby");
    expect(told).toEqual([
      ["admin", "channel.add", { channel: "lobby", channels: [...ALWAYS, "lobby"] }],
      ["admin", "channel.join", { agent: "b", agents: ["a", "b"], channel: "lobby" }],
    ]);
  });

  it.each(["system", "phoenix"])("is never told that %s was added or removed", (room) => {
    const { told, joined, left } = createAdmin({});
    joined("a", room);
    left("a", room, "left");
    expect(told).toEqual([
      ["admin", "channel.join", { agent: "a", agents: [], channel: room }],
      ["admin", "channel.leave", { agent: "a", agents: [], channel: room }],
    ]);
  });

  it("is told of all rooms and their members when somebody joins it", () => {
    const { told, joined } = createAdmin({ lobby: ["a"], admin: ["b"] });
    joined("b", "admin");
    expect(told).toEqual([
      ["admin", "channel.join", { agent: "b", agents: ["b"], channel: "admin" }],
      ["admin", "channel.list", { agents: [], channel: "phoenix" }],
      ["admin", "channel.list", { agents: [], channel: "system" }],
      ["admin", "channel.list", { agents: ["b"], channel: "admin" }],
      ["admin", "channel.list", { agents: ["a"], channel: "lobby" }],
    ]);
  });

  it("is told of a member that has left, and of its room where it was the last", () => {
    const { told, left, rooms } = createAdmin({ lobby: ["a"] });
    left("b", "lobby", "left");
    expect(told).toEqual([
      ["admin", "channel.leave", { agent: "b", agents: ["a"], channel: "lobby" }],
    ]);
    told.length = 0;
    rooms.delete("lobby");
    left("a", "lobby", "expired");
    expect(told).toEqual([
      ["admin", "channel.leave", { agent: "a", agents: [], channel: "lobby" }],
      ["admin", "channel.remove", { channel: "lobby", channels: ALWAYS }],
    ]);
  });

  it("is told of the room alone where the connection of its last member has ended", () => {
    const { told, left } = createAdmin({});
    left("a", "lobby", "disconnected");
    expect(told).toEqual([["admin", "channel.remove", { channel: "lobby", channels: ALWAYS }]]);
  });

  it("is told nothing where it has no members and there are no backends", () => {
    const silent = createAdmin({ lobby: ["a"] }, false);
    silent.joined("a", "lobby");
    silent.left("a", "lobby", "left");
    expect(silent.told).toEqual([]);
    const heard = createAdmin({ lobby: ["a"], admin: ["b"] }, false);
    heard.joined("a", "lobby");
    heard.left("a", "lobby", "left");
    expect(heard.told).toHaveLength(3);
  });
});

it("a server without Redis has backends that nothing reaches", () => {
  expect(noBackends.publish("a", "said", {})).toBe(false);
  expect(noBackends.announce("a", "said", {})).toBe(false);
  expect([noBackends.hear("a"), noBackends.isConfigured]).toEqual([undefined, false]);
});
