import { describe, expect, it } from "vitest";
import { EntryMeta } from "../../../server/entry-meta.ts";
import { JsonText } from "../../../server/json-text.ts";
import { loggable, payloadBytes } from "../../../server/rooms/log/entry.ts";
import { readNumbering } from "../../../server/rooms/log/numbering.ts";
import { readRecordedEvent } from "../../../server/rooms/log/recorded-event.ts";
import { unloggedCode } from "../../../server/rooms/log/unlogged-code.ts";

describe("what a push into a room with a log says of itself", () => {
  it("is taken out of its payload", () => {
    expect(readNumbering({ n: 1, _sequence: 2, _inreplyto: 1, _type: "end" })).toEqual({
      payload: { n: 1 },
      marks: { sequence: 2, inReplyTo: 1, type: "end" },
    });
    expect(readNumbering({ _sequence: 1 })).toStrictEqual({ payload: {}, marks: { sequence: 1 } });
    expect(readNumbering({ _inreplyto: 1 })).toStrictEqual({
      payload: {},
      marks: { inReplyTo: 1 },
    });
    expect(readNumbering({ _type: "error" })).toStrictEqual({
      payload: {},
      marks: { type: "error" },
    });
    expect(readNumbering({ _type: "data" })).toStrictEqual({ payload: {}, marks: {} });
  });

  it.each([
    ["text", "_sequence"],
    ["null", null],
    ["a list", [{ _sequence: 1 }]],
    ["bytes", Buffer.from("x")],
    ["JSON text", new JsonText('{"_sequence":1}')],
    ["an object without marks", { sequence: 1 }],
  ])("is nothing where the payload is %s, which stays as it is", (_what, payload) => {
    const read = readNumbering(payload);
    expect(read?.payload).toBe(payload);
    expect(read?.marks).toEqual({});
  });

  it.each([
    { _sequence: 0 },
    { _sequence: 1.5 },
    { _sequence: "1" },
    { _sequence: null },
    { _inreplyto: 0 },
    { _inreplyto: "1" },
    { _type: "begin" },
    { _type: null },
    { _sequence: 1, _inreplyto: 1, _type: 7 },
  ])("is refused where it is %j", (payload) => {
    expect(readNumbering(payload)).toBeUndefined();
  });
});

describe("a payload as a log keeps it", () => {
  it("is JSON text, of nothing the empty object", () => {
    expect(loggable({ n: 1 })).toEqual(new JsonText('{"n":1}'));
    expect(loggable(undefined)).toEqual(new JsonText("{}"));
    expect(loggable("x")).toEqual(new JsonText('"x"'));
  });

  it("is text as it was written, without the value that was read of it", () => {
    const text = new JsonText('{"n": 1.0}');
    const kept = loggable(text);
    expect(kept).not.toBe(text);
    expect(kept).toEqual(text);
  });

  it("keeps text of a special kind as it is", () => {
    class Special extends JsonText {}
    const text = new Special("{}");
    expect(loggable(text)).toBe(text);
  });

  it("is bytes of its own, which do not change with the sender's", () => {
    const bytes = new Uint8Array([1, 2]);
    const kept = loggable(bytes);
    bytes[0] = 9;
    expect(kept).toEqual(new Uint8Array([1, 2]));
  });

  it.each([
    ["bytes inside JSON", { a: new Uint8Array(1) }],
    ["a function", () => {}],
    ["a symbol", Symbol("x")],
  ])("cannot be %s", (_what, payload) => {
    expect(loggable(payload)).toBeUndefined();
  });

  it("has a size in bytes", () => {
    expect([payloadBytes(new JsonText('"ä"')), payloadBytes(new Uint8Array(3))]).toEqual([4, 3]);
  });
});

describe("a broadcast that a log may keep", () => {
  const entry = new EntryMeta("a", { offset: 1, atMs: 1 });

  it.each([
    ["a name alone", ["said"], { name: "said", payload: undefined }],
    ["a name and a payload", ["said", 1], { name: "said", payload: 1 }],
    ["a meta besides", ["said", 1, { room: "a" }], { name: "said", payload: 1 }],
    ["a name that begins like another", ["presence_states", 1], { name: "presence_states" }],
    ["a name that has a reserved one inside", ["a_phx_close", 1], { name: "a_phx_close" }],
    [
      "a name of presence with more before it",
      ["my_presence_diff", 1],
      { name: "my_presence_diff" },
    ],
  ])("has %s", (_what, data, expected) => {
    expect(readRecordedEvent(data)).toMatchObject(expected);
  });

  it.each([
    ["no list", "said"],
    ["an empty list", []],
    ["a name that is no text", [7]],
    ["two payloads", ["said", 1, 2]],
    ["null for a meta", ["said", 1, null]],
    ["a meta without a room", ["said", 1, {}]],
    ["four parts", ["said", 1, { room: "a" }, 2]],
    ["the meta of an entry", ["said", 1, entry]],
    ["who is present", ["presence_state", {}]],
    ["who comes and goes", ["presence_diff", {}]],
    ["the end of a membership", ["phx_close", {}]],
  ])("is not one with %s", (_what, data) => {
    expect(readRecordedEvent(data)).toBeUndefined();
  });
});

it("a message that was not logged is refused with the reason", () => {
  expect([unloggedCode("full"), unloggedCode("unavailable")]).toEqual([
    "log_full",
    "log_unavailable",
  ]);
});
