import { describe, expect, it } from "vitest";
import { hasOwnChannel } from "../../../server/bus/room-channel.ts";

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
