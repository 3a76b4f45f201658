import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, encodeMessage } from "../../../client-shim/plain-frames.ts";

const own = ["_room", "_event", "_id", "_re", "type"];
const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
const fields = fc.dictionary(
  fc.string().filter((key) => !own.includes(key)),
  fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown),
);

function inRoom(message: unknown, event = "message", id?: string): unknown {
  const frame = encodeMessage("r1", event, message, id);
  return typeof frame === "string" ? frame : Buffer.from(frame).toString("latin1");
}

describe("a message on the plain wire", () => {
  it.each([
    [{ text: "hi" }, '{"text":"hi","_room":"r1"}'],
    [{ _room: "zzz", a: 1 }, '{"a":1,"_room":"r1"}'],
    ['{"b":2}', '{"b":2,"_room":"r1"}'],
    ["plain", '{"message":"plain","_room":"r1"}'],
    ["[1,2]", '{"message":"[1,2]","_room":"r1"}'],
    ["", '{"message":"","_room":"r1"}'],
    [[1, 2], '{"data":[1,2],"_room":"r1"}'],
    [42, '{"data":42,"_room":"r1"}'],
    [null, '{"data":null,"_room":"r1"}'],
    [new Uint8Array([0, 10, 255]), '{"_room":"r1"}\n\u0000\n\u00ff'],
    [new Uint8Array([7]).buffer, '{"_room":"r1"}\n\u0007'],
    [new DataView(new Uint8Array([1, 2, 3]).buffer, 1, 1), '{"_room":"r1"}\n\u0002'],
  ])("of %j to a room is one frame", (message, frame) => {
    expect(inRoom(message)).toBe(frame);
  });

  it("has the event and the id before the room, unless the event is message", () => {
    expect(inRoom({ a: 1 }, "typing", "c1")).toBe(
      '{"a":1,"_event":"typing","_id":"c1","_room":"r1"}',
    );
    expect(inRoom(new Uint8Array(1), "typing", "c1")).toBe(
      '{"_event":"typing","_id":"c1","_room":"r1"}\n\u0000',
    );
  });

  it.each([
    [{ a: 1 }, '{"a":1}'],
    ["text", "text"],
    ["", ""],
    [[1, "a"], '[1,"a"]'],
    [null, "null"],
    [true, "true"],
  ])("of %j without a room goes as it is, as JSON if it is no text", (message, frame) => {
    expect(encodeMessage(undefined, "message", message)).toBe(frame);
  });

  it("of bytes without a room is the bytes alone", () => {
    expect(encodeMessage(undefined, "message", new Uint8Array([1, 2]))).toEqual(
      new Uint8Array([1, 2]),
    );
  });

  it.each(["_join", "_leave"])("to a room may not have the type %s", (type) => {
    expect(() => inRoom({ type, room: "x" })).toThrow("type is reserved");
    expect(() => inRoom(JSON.stringify({ type }))).toThrow("type is reserved");
  });

  it.each([undefined, () => {}, 1n, circular()])("that is not JSON is refused: %#", (message) => {
    expect(() => inRoom(message)).toThrow();
    expect(() => encodeMessage(undefined, "message", message)).toThrow();
  });

  it("comes out as it went in, in whatever room and by whatever event", () => {
    fc.assert(
      fc.property(name, name, fields, (room, event, message) => {
        const frame = encodeMessage(room, event, message);
        expect(decode(frame)).toEqual({ room, event, payload: message });
      }),
    );
  });

  it("of bytes comes out as it went in", () => {
    fc.assert(
      fc.property(name, name, fc.uint8Array(), (room, event, message) => {
        const frame = Uint8Array.from(encodeMessage(room, event, message) as Uint8Array);
        expect(decode(frame.buffer)).toEqual({ room, event, payload: message });
      }),
    );
  });
});

describe("a frame of the server", () => {
  it.each([
    ["no JSON", "no JSON"],
    ["12", 12],
    ["null", null],
    ["[1]", [1]],
    ['"s"', "s"],
    ['{"a":1}', { a: 1 }],
    ['{"_room":["r"],"a":1}', { _room: ["r"], a: 1 }],
    ['{"room":"r","status":"joined"}', { room: "r", status: "joined" }],
  ])("%s is a message without a room", (text, payload) => {
    expect(decode(text)).toEqual({ event: "message", payload });
  });

  it("has presence as what it is", () => {
    const text = '{"data":{"ann":{"metas":[]}},"_event":"presence_state","_room":"r"}';
    expect(decode(text)).toEqual({
      room: "r",
      event: "presence_state",
      payload: { ann: { metas: [] } },
    });
  });

  it("is an answer, or a refusal that names its room", () => {
    expect(decode('{"_re":"c1","status":"ok","response":{"id":1}}')).toMatchObject({
      id: "c1",
      answer: { status: "ok", response: { id: 1 } },
    });
    const refused = decode('{"type":"_error","code":"c","reason":"why","about":"r"}');
    expect(refused.id).toBeUndefined();
    expect(refused.answer?.response).toMatchObject({ code: "c", reason: "why", about: "r" });
  });

  it("that refuses with details has them beside its code, its reason and its room", () => {
    const text =
      '{"type":"_error","code":"c","reason":"why","about":"r","response":{"issues":[1],"code":"d"}}';
    expect(decode(text).answer?.response).toMatchObject({
      ...{ code: "c", reason: "why", about: "r" },
      issues: [1],
    });
  });

  it("of bytes without a head is bytes without a room", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const copy = Uint8Array.from(bytes);
        expect(decode(copy.buffer)).toEqual({ event: "message", payload: copy });
      }),
    );
  });

  it("never throws, and keeps names such as __proto__ as they are", () => {
    fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => void decode(text)));
    const { payload } = decode('{"__proto__":{"a":1},"_room":"r"}');
    expect(Object.getPrototypeOf(payload)).toBe(Object.prototype);
    expect(Object.keys(payload as object)).toEqual(["__proto__"]);
  });
});

function circular(): object {
  const made: { self?: object } = {};
  made.self = made;
  return made;
}
