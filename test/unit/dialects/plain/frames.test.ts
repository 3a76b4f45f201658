import { describe, expect, it } from "vitest";
import { decodeFrame, isPlain } from "../../../../server/dialects/plain/codec.ts";

describe("a plain client's frame", () => {
  it.each([
    [
      '{"type":"_join","room":"a","_id":1,"token":"t"}',
      {
        kind: "join",
        room: "a",
        id: 1,
        wishes: { presence: false, binary: false },
        params: { token: "t" },
      },
    ],
    [
      '{"type":"_join","room":"a","presence":true,"binary":true}',
      { kind: "join", room: "a", wishes: { presence: true, binary: true }, params: {} },
    ],
    [
      '{"type":"_join","room":"a","presence":1,"binary":"true"}',
      { kind: "join", room: "a", wishes: { presence: false, binary: false }, params: {} },
    ],
    ['{"type":"_join"}', { kind: "join", wishes: { presence: false, binary: false }, params: {} }],
    ['{"type":"_leave","room":"a","_id":"x"}', { kind: "leave", room: "a", id: "x" }],
    ['{"type":"_leave","room":"a","_room":"b"}', { kind: "leave", room: "a" }],
    [
      '{"type":"_join","_room":"b"}',
      { kind: "message", room: "b", event: "message", payload: { type: "_join" } },
    ],
    [
      '{"type":"_leave","_room":"b"}',
      { kind: "message", room: "b", event: "message", payload: { type: "_leave" } },
    ],
    [
      '{"type":"said","room":"a","_room":"b","_event":"hi","_id":2,"n":1}',
      {
        kind: "message",
        room: "b",
        event: "hi",
        id: 2,
        payload: { type: "said", room: "a", n: 1 },
      },
    ],
    [
      '{"type":"said","room":"a","_id":2}',
      { kind: "roomless", id: 2, payload: { type: "said", room: "a" } },
    ],
    ["[1]", { kind: "roomless", payload: [1] }],
    ["null", { kind: "roomless", payload: null }],
    ["7", { kind: "roomless", payload: 7 }],
    ["hello", { kind: "unreadable", text: "hello" }],
  ])("%s is read", (text, frame) => {
    expect(decodeFrame(text)).toEqual(frame);
  });
});

describe("a plain client's binary frame", () => {
  const read = (text: string, ...rest: number[]) =>
    decodeFrame(Buffer.concat([Buffer.from(text, "latin1"), Buffer.from(rest)]));

  it("names its room in a line of JSON before the bytes, which may hold line breaks", () => {
    expect(read('{"_room":"a"}\n', 10, 1)).toEqual({
      kind: "message",
      room: "a",
      event: "message",
      payload: Buffer.from([10, 1]),
    });
    expect(read('{"_room":"a","_event":"hi","_id":7}\n')).toEqual({
      kind: "message",
      room: "a",
      event: "hi",
      payload: Buffer.alloc(0),
      id: 7,
    });
  });

  it.each([
    ["no line break", '{"_room":"a"}'],
    ["a head that does not begin with a brace", ' {"_room":"a"}\n'],
    ["a head without a room", '{"room":"a"}\n'],
    ["a head that is no JSON", '{"_room":\n'],
    ["a head that is no UTF-8", '{"_room":"\xff"}\n'],
    ["nothing at all", ""],
  ])("is bytes without a room where it has %s", (_what, text) => {
    expect(read(text)).toEqual({ kind: "roomless", payload: Buffer.from(text, "latin1") });
  });
});

describe("a connection's first message", () => {
  it.each([
    ['{"type":"_join","room":"a"}', true],
    ['{"type":"_leave","room":"a"}', true],
    ['{"_room":"a"}', true],
    ['{"room":"a"}', false],
    ["[]", false],
    ["hello", false],
  ])("%s is of this dialect: %s", (text, expected) => {
    expect(isPlain(text)).toBe(expected);
  });
});
