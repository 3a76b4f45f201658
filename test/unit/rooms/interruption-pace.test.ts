import { expect, it } from "vitest";
import { Interruption } from "../../../server/rooms/interruption.ts";
import type { Member } from "../../../server/rooms/member.ts";
import type { Memberships } from "../../../server/rooms/memberships.ts";
import type { Room } from "../../../server/rooms/room.ts";
import { ManualClock } from "../../support/manual-clock.ts";

it("members are told 500 at a time, however often it is said that messages were missed", () => {
  const clock = new ManualClock();
  let told = 0;
  const socket = { emit: (): number => ++told };
  const members = new Set(
    Array.from({ length: 1200 }, () => ({ room: "a", peer: { socket } }) as unknown as Member),
  );
  const room = { name: "a", members } as unknown as Room;
  const memberships = { all: () => [room], room: () => room, isIn: () => true };
  const interruption = new Interruption({
    memberships: memberships as unknown as Memberships,
    keepsLog: () => false,
    clock,
    onTold: () => {},
  });
  interruption.tell();
  expect(told).toBe(500);
  interruption.tell();
  interruption.tellRoom("a");
  expect(told).toBe(500);
  clock.advance(100);
  expect(told).toBe(1000);
  interruption.stop();
  clock.advance(1000);
  expect(told).toBe(1000);
});
