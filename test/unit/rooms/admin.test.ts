import { describe, expect, it } from "vitest";
import { Admin } from "../../../server/rooms/admin.ts";
import type { Member } from "../../../server/rooms/member.ts";
import type { Room } from "../../../server/rooms/room.ts";

const MEMBERS = 500;

function crowd(): Room {
  const members = Array.from({ length: MEMBERS }, (_, n) => ({ id: `K${n}:lobby:1` }) as Member);
  return { name: "lobby", members: new Set(members) } as unknown as Room;
}

describe("what the admin room is told", () => {
  it("lists at most a hundred members and rooms, however many there are", () => {
    const room = crowd();
    const rooms = new Map([[room.name, room]]);
    for (let n = 0; n < MEMBERS; n += 1) rooms.set(`room ${n}`, room);
    const told: { agents?: string[]; channels?: string[] }[] = [];
    const announce = (_room: string, _event: string, payload: unknown): boolean =>
      told.push(payload as object) > 0;
    const backends = { announce, publish: () => true, hear: () => undefined, isConfigured: true };
    const admin = new Admin(rooms, backends, () => {});
    const [member] = room.members;
    if (member !== undefined) admin.joined(member, room);
    expect(told.map(({ agents, channels }) => (agents ?? channels)?.length)).toEqual([100, 100]);
  });
});
