import { describe, expect, it } from "vitest";
import { goesByRoom, hasOwnChannel } from "../../../server/bus/room-channel.ts";

describe("a room's own channel between the nodes", () => {
  it.each([
    ["a room", "lobby", true],
    ["a room with a longer name than a socket's id", "abcdefghij0123456789x", true],
    ["a room of 20 characters of which one is in no id", "room:abcdefghij01234", true],
    ["a room with a zero character elsewhere", "a\u0000", true],
    ["a room with no name", "", true],
    ["the room of one socket", "aB3-_fghij0123456789", false],
    ["an inner room", "\u0000id:ann", false],
  ])("%s (%j): %s", (_what, room, expected) => {
    expect(hasOwnChannel(room)).toBe(expected);
  });
});

describe("a broadcast", () => {
  const rooms = (count: number) => Array.from({ length: count }, (_, n) => `room:${n}`);

  it.each([
    ["to one room", ["lobby"], true],
    ["to two rooms", ["lobby", "b"], true],
    ["to 64 rooms", rooms(64), true],
    ["to 65 rooms", rooms(65), false],
    ["to everyone", [], false],
    ["to one socket", ["aB3-_fghij0123456789"], false],
    ["to a room and a socket", ["lobby", "aB3-_fghij0123456789"], false],
  ])("%s goes by the channels of its rooms: %#", (_what, given, expected) => {
    expect(goesByRoom(given)).toBe(expected);
  });
});
