import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstMatch, matches } from "../../../server/rooms/room-pattern.ts";

describe("matches", () => {
  it.each([
    ["lobby", "lobby", true],
    ["lobby", "lobby2", false],
    ["lobby", "Lobby", false],
    ["chat:*", "chat:lobby", true],
    ["chat:*", "chat:", true],
    ["chat:*", "chat", false],
    ["chat:*", "a chat:lobby", false],
    ["*", "anything", true],
    ["*", "", true],
    ["", "", true],
    ["", "lobby", false],
    ["a*b", "a*b", true],
    ["a*b", "axb", false],
    ["a**", "a*x", true],
    ["a**", "ax", false],
    ["a.c", "abc", false],
    ["grüße:*", "grüße:👋", true],
  ])("pattern %j on room %j is %j", (pattern, room, expected) => {
    expect(matches(pattern, room)).toBe(expected);
  });

  it("a prefix with * covers the prefix and whatever follows it", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (prefix, rest) => matches(`${prefix}*`, prefix + rest)),
    );
  });
});

describe("firstMatch", () => {
  const declared = [{ match: "chat:staff" }, { match: "chat:*" }, { match: "chat:vip" }];

  it("the first declared pattern wins", () => {
    expect(firstMatch(declared, "chat:staff")).toBe(declared[0]);
    expect(firstMatch(declared, "chat:vip")).toBe(declared[1]);
  });

  it("a room that no pattern covers has no settings", () => {
    expect(firstMatch(declared, "lobby")).toBeUndefined();
  });
});
