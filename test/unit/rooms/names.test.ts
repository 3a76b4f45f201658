import { describe, expect, it } from "vitest";
import { JsonText } from "../../../server/json-text.ts";
import {
  eventNameProblem,
  isEventName,
  isRoomName,
  roomNameProblem,
} from "../../../server/rooms/names.ts";
import { isBytes, payloadKind } from "../../../server/rooms/payload.ts";

describe("a room's name", () => {
  it.each([
    ["one letter", "a"],
    ["255 letters", "a".repeat(255)],
    ["255 bytes of other letters", `${"ä".repeat(127)}a`],
    ["spaces and signs", " *:/?"],
    ["an emoji", "🤖"],
    ["the name of an event", "join"],
  ])("may be %s", (_what, name) => {
    expect(isRoomName(name)).toBe(true);
  });

  it.each([
    ["nothing", ""],
    ["256 letters", "a".repeat(256)],
    ["256 bytes of other letters", "ä".repeat(128)],
    ["a control character", "a\u0007"],
    ["a zero character at its beginning", "\u0000id:ann"],
    ["half an emoji", "\ud83e"],
    ["a number", 7],
    ["undefined", undefined],
  ])("may not be or have %s", (_what, name) => {
    expect([isRoomName(name), isEventName(name)]).toEqual([false, false]);
    expect(roomNameProblem(name)).toBe("room_name_invalid");
    expect(eventNameProblem(name)).toBe("event_name_invalid");
  });

  it("is never the one of Phoenix's heartbeats", () => {
    expect(isRoomName("phoenix")).toBe(false);
    expect(roomNameProblem("phoenix")).toBe("room_unmatched");
    expect(isEventName("phoenix")).toBe(true);
  });
});

describe("an event's name", () => {
  it.each([
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
    "join",
    "leave",
    "push",
    "presence_state",
    "presence_diff",
    "phx_close",
    "phx_",
    "chan_reply_1",
  ])("is not a client's to choose where it is %s", (name) => {
    expect(isEventName(name)).toBe(false);
    expect(eventNameProblem(name)).toBe("event_name_reserved");
  });

  it.each(["message", "joined", "phx", "a_phx_close", "chan_reply", "Connect"])(
    "may be %s",
    (name) => {
      expect(isEventName(name)).toBe(true);
    },
  );
});

describe("a payload", () => {
  const nested = (levels: number): unknown => JSON.parse("[".repeat(levels) + "]".repeat(levels));

  it.each([
    ["text", "x"],
    ["null", null],
    ["undefined", undefined],
    ["an object", { a: [1, { b: null }] }],
    ["128 levels", nested(128)],
    ["JSON text", new JsonText("[1]")],
  ])("of %s is JSON", (_what, payload) => {
    expect(payloadKind(payload)).toBe("json");
    expect(isBytes(payload)).toBe(false);
  });

  it("of bytes is binary", () => {
    expect([payloadKind(new Uint8Array(1)), payloadKind(Buffer.alloc(0))]).toEqual([
      "binary",
      "binary",
    ]);
    expect(isBytes(Buffer.alloc(0))).toBe(true);
  });

  it.each([
    ["bytes in an object", { a: new Uint8Array(1) }],
    ["bytes in a list, beside others", [1, [Buffer.alloc(1)], 2]],
    ["129 levels", nested(129)],
    ["129 levels of objects", JSON.parse(`${'{"a":'.repeat(129)}1${"}".repeat(129)}`)],
    ["JSON text of 129 levels", new JsonText("[".repeat(129) + "]".repeat(129))],
  ])("of %s is unfit", (_what, payload) => {
    expect(payloadKind(payload)).toBe("unfit");
  });
});
