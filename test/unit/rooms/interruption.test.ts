import { describe, expect, it } from "vitest";
import { Interruption } from "../../../server/rooms/interruption.ts";
import type { Member, WhenMissed } from "../../../server/rooms/member.ts";
import type { Memberships } from "../../../server/rooms/memberships.ts";
import type { Room } from "../../../server/rooms/room.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** Rooms with as many members as said, and what each was told. */
function createRooms(sizes: Readonly<Record<string, number>>, whenMissed: WhenMissed) {
  const clock = new ManualClock();
  const told: string[] = [];
  const inside = new Set<Member>();
  const rooms = Object.entries(sizes).map(([name, size]) => {
    const members = new Set<Member>();
    for (let n = 0; n < size; n += 1) {
      const emit = (event: string): void => void told.push(`${name} ${n} ${event}`);
      const member = { room: name, whenMissed, peer: { socket: { emit } }, id: `${name} ${n}` };
      members.add(member as unknown as Member);
      inside.add(member as unknown as Member);
    }
    return { name, members } as unknown as Room;
  });
  const memberships = {
    all: () => rooms,
    room: (name: string) => rooms.find((room) => room.name === name),
    isIn: (member: Member) => inside.has(member),
    remove: (member: Member, departure: string) => {
      inside.delete(member);
      told.push(`${member.id} ${departure}`);
    },
  } as unknown as Memberships;
  const interruption = new Interruption({
    memberships,
    keepsLog: (room) => room.startsWith("log:"),
    clock,
    onTold: () => {},
  });
  return { clock, told, inside, interruption };
}

describe("members who may have missed something", () => {
  it("are told, but for those of rooms with a log", () => {
    const { told, interruption } = createRooms({ a: 2, "log:b": 2 }, "event");
    interruption.tell();
    expect(told).toEqual(["a 0 missed", "a 1 missed"]);
    interruption.tellRoom("log:b");
    interruption.tellRoom("nobody's");
    expect(told.slice(2)).toEqual(["log:b 0 missed", "log:b 1 missed"]);
  });

  it("are told of broadcasts that another node has lost in their room, or in any", () => {
    const { clock, told, interruption } = createRooms({ a: 1, b: 1, "log:c": 1 }, "event");
    interruption.tellLost({ rooms: ["a", "log:c", "nobody's"], lastMs: clock.now() });
    expect(told).toEqual(["a 0 missed"]);
    clock.advance(1);
    interruption.tellLost({ rooms: undefined, lastMs: clock.now() });
    expect(told.slice(1)).toEqual(["a 0 missed", "b 0 missed"]);
  });

  it("are told of what others have lost once, and not where they were told since", () => {
    const { clock, told, interruption } = createRooms({ a: 1, b: 1 }, "event");
    const lastMs = clock.now();
    clock.advance(10);
    interruption.tellLost({ rooms: ["a"], lastMs });
    interruption.tellLost({ rooms: ["a", "b"], lastMs: lastMs + 10 });
    expect(told).toEqual(["a 0 missed", "b 0 missed"]);
    clock.advance(10);
    interruption.tell();
    interruption.tellLost({ rooms: undefined, lastMs: lastMs + 20 });
    expect(told).toHaveLength(4);
    clock.advance(10);
    interruption.tellLost({ rooms: ["b"], lastMs: lastMs + 21 });
    expect(told.slice(4)).toEqual(["b 0 missed"]);
  });

  it("lose their memberships where their client then joins anew", () => {
    const { told, interruption } = createRooms({ a: 1 }, "rejoin");
    interruption.tell();
    interruption.tell();
    expect(told).toEqual(["a 0 interrupted"]);
  });

  it("are left alone where their dialect has no word for it", () => {
    const { told, interruption } = createRooms({ a: 1 }, "nothing");
    interruption.tell();
    expect(told).toEqual([]);
  });

  it("are told in batches, each of them once, and not when they have left meanwhile", () => {
    const { clock, told, inside, interruption } = createRooms({ a: 1200 }, "event");
    interruption.tell();
    expect(told).toHaveLength(500);
    interruption.tell();
    expect(told).toHaveLength(500);
    const last = [...inside].at(-1);
    if (last !== undefined) inside.delete(last);
    clock.advance(100);
    expect(told).toHaveLength(1000);
    clock.advance(1000);
    expect(new Set(told).size).toBe(1199);
    // Those of the first batch, once more for the second time.
    expect(told).toHaveLength(1199 + 500);
  });

  it("are told no more once the node stops", () => {
    const { clock, told, interruption } = createRooms({ a: 600 }, "event");
    interruption.tell();
    interruption.stop();
    interruption.stop();
    clock.advance(1000);
    expect(told).toHaveLength(500);
  });
});
