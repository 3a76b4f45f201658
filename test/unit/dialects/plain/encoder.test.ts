import { describe, expect, it } from "vitest";
import {
  encodeBinaryReply,
  encodeError,
  encodeEvent,
  encodeReply,
} from "../../../../server/dialects/plain/encoder.ts";
import { EntryMeta } from "../../../../server/entry-meta.ts";
import { JsonText } from "../../../../server/json-text.ts";

const all = { presence: true, binary: true };
const none = { presence: false, binary: false };
const bytes = new Uint8Array([1, 2]);
const entry = new EntryMeta("a", { offset: 7, atMs: 5 });
const encode = (payload: unknown, source = {}, wishes = none) =>
  encodeEvent({ room: "a", event: "hi", ...source }, payload, wishes);

describe("an event on the plain wire", () => {
  it("has its names last, after the payload's own fields", () => {
    expect(encode({ n: 1 })).toBe('{"n":1,"_event":"hi","_room":"a"}');
    expect(encode(new JsonText(' { "n": 1.0 } \n'))).toBe('{ "n": 1.0 ,"_event":"hi","_room":"a"}');
  });

  it("has names alone where its payload has no fields", () => {
    expect(encode({})).toBe('{"_event":"hi","_room":"a"}');
    expect(encode(new JsonText("{ }"))).toBe('{"_event":"hi","_room":"a"}');
  });

  it("does not name an event that is called message, nor a room that is not told", () => {
    expect(encode({ n: 1 }, { event: "message" })).toBe('{"n":1,"_room":"a"}');
    expect(encode({ n: 1 }, { event: "message", room: undefined })).toBe('{"n":1}');
    expect(encode({}, { event: "message", room: undefined })).toBe("{}");
  });

  it.each([
    ["a list", [1], "[1]"],
    ["text", "x", '"x"'],
    ["null", null, "null"],
    ["an object with a field of the protocol", { _room: "b" }, '{"_room":"b"}'],
    ["an object with _event", { _event: "b" }, '{"_event":"b"}'],
    ["an object with _re", { _re: 1 }, '{"_re":1}'],
    ["an error of the application", { type: "_error" }, '{"type":"_error"}'],
    [
      "a field that is written with an escape",
      new JsonText('{"\\u005froom":1}'),
      '{"\\u005froom":1}',
    ],
  ])("has its payload as data where that is %s", (_what, payload, text) => {
    expect(encode(payload)).toBe(`{"data":${text},"_event":"hi","_room":"a"}`);
  });

  it.each([
    ["another type", { type: "_other" }],
    ["a deeper field of the protocol", { a: { _room: "b" } }],
    ["text that looks like one", { a: "_room" }],
    ["a field of a log's, which this room has not", { _offset: 1 }],
  ])("has its payload's fields beside its own where that has %s", (_what, payload) => {
    expect(encode(payload)).toBe(
      `${JSON.stringify(payload).slice(0, -1)},"_event":"hi","_room":"a"}`,
    );
  });

  it("has its place in the log after its names", () => {
    expect(encode({ n: 1 }, { entry })).toBe('{"n":1,"_event":"hi","_room":"a","_offset":7}');
    expect(encode({ n: 1 }, { entry, event: "message", room: undefined })).toBe(
      '{"n":1,"_offset":7}',
    );
  });

  it.each(["_offset", "_sender", "_sequence", "_inreplyto", "_type", "_room"])(
    "of a log has its payload as data where that has a field %s",
    (field) => {
      expect(encode({ [field]: 1 }, { entry })).toBe(
        `{"data":{"${field}":1},"_event":"hi","_room":"a","_offset":7}`,
      );
    },
  );

  it.each(["presence_state", "presence_diff"])(
    "%s is told to those who want it, always as data",
    (event) => {
      expect(encode({ ann: 1 }, { event })).toBeUndefined();
      expect(encode({ ann: 1 }, { event }, all)).toBe(
        `{"data":{"ann":1},"_event":"${event}","_room":"a"}`,
      );
    },
  );

  it("of bytes is a binary frame for those who want it", () => {
    expect(encode(bytes, {}, all)).toEqual(
      Buffer.concat([Buffer.from('{"_event":"hi","_room":"a"}\n'), bytes]),
    );
  });

  it("of bytes is told of to all others", () => {
    expect(JSON.parse(String(encode(bytes)))).toEqual({
      event: "hi",
      bytes: 2,
      reason: "this connection cannot carry binary payloads",
      _event: "phx_undeliverable",
      _room: "a",
    });
  });
});

describe("an answer on the plain wire", () => {
  it("names the frame that it answers", () => {
    expect(encodeReply(7, { status: "ok", response: {} })).toBe(
      '{"_re":7,"status":"ok","response":{}}',
    );
    expect(encodeBinaryReply("x", "ok", bytes)).toEqual(
      Buffer.concat([Buffer.from('{"_re":"x","status":"ok"}\n'), bytes]),
    );
  });

  it("to a mistake says what it is about, and what else there is to say", () => {
    expect(encodeError({ reason: "no", code: "c" })).toBe(
      '{"type":"_error","code":"c","reason":"no"}',
    );
    expect(encodeError({ reason: "no", code: "c", n: 1 }, "a")).toBe(
      '{"type":"_error","code":"c","reason":"no","about":"a","response":{"n":1}}',
    );
  });
});
