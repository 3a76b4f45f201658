import { describe, expect, it } from "vitest";
import {
  decodeBinary,
  encodeBinaryBroadcast,
  encodeBinaryReply,
} from "../../../../server/dialects/phoenix/binary-codec.ts";
import { decodeText, encodeReply, isRef } from "../../../../server/dialects/phoenix/codec.ts";
import {
  decodeObject,
  encodeObject,
  hasTopic,
} from "../../../../server/dialects/phoenix/codec-v1.ts";

describe("a V2 text frame", () => {
  it("is a list of join_ref, ref, topic, event and payload; further elements are ignored", () => {
    const frame = { joinRef: "1", ref: 2, topic: "a", event: "hi", payload: { n: 1 } };
    expect(decodeText('["1",2,"a","hi",{"n":1}]')).toEqual(frame);
    expect(decodeText('["1",2,"a","hi",{"n":1},7]')).toEqual(frame);
    expect(decodeText('[null,null,7,null,"x"]')).toEqual({
      joinRef: null,
      ref: null,
      topic: 7,
      event: null,
      payload: "x",
    });
  });

  it.each(["", "{", "null", "7", '"text"', "{}", "[]", '["1","2","a","hi"]', '{"length":5}'])(
    "is not %s",
    (text) => {
      expect(decodeText(text)).toBeUndefined();
    },
  );

  it.each(["{}", "[]", "true"])("has no ref and no join_ref that is %s", (value) => {
    expect(decodeText(`[${value},"1","a","hi",{}]`)).toBeUndefined();
    expect(decodeText(`["1",${value},"a","hi",{}]`)).toBeUndefined();
    expect(isRef(JSON.parse(value))).toBe(false);
  });

  it("has refs of at most 255 bytes, since one is kept with its member", () => {
    const [longest, tooLong] = ["ü".repeat(127), "ü".repeat(128)];
    expect(decodeText(JSON.stringify([longest, `${longest}x`, "a", "hi", {}]))).toBeDefined();
    expect(decodeText(JSON.stringify([tooLong, "1", "a", "hi", {}]))).toBeUndefined();
    expect(decodeText(JSON.stringify(["1", tooLong, "a", "hi", {}]))).toBeUndefined();
  });

  it.each(["{}", "[]"])("has no topic and no event that is %s", (value) => {
    expect(decodeText(`["1","2",${value},"hi",{}]`)).toBeUndefined();
    expect(decodeText(`["1","2","a",${value},{}]`)).toBeUndefined();
  });

  it("of a reply is an event phx_reply with a status and a response", () => {
    expect(encodeReply("1", "2", "a", { status: "ok", response: {} })).toBe(
      '["1","2","a","phx_reply",{"status":"ok","response":{}}]',
    );
  });
});

describe("a V1 frame", () => {
  const text = '{"topic":"a","event":"hi","payload":{"n":1},"ref":"2","join_ref":"1","x":7}';
  const frame = { joinRef: "1", ref: "2", topic: "a", event: "hi", payload: { n: 1 } };

  it("is an object, as text or in a binary frame; its join_ref may be left out", () => {
    expect(decodeObject(text)).toEqual(frame);
    expect(decodeObject(Buffer.from(text))).toEqual(frame);
    const { join_ref: _joinRef, ...rest } = JSON.parse(text);
    expect(decodeObject(JSON.stringify(rest))).toEqual({ ...frame, joinRef: null });
  });

  it.each(["topic", "event", "payload", "ref"])("is not one without %s", (key) => {
    const { [key]: _left, ...rest } = JSON.parse(text);
    expect(decodeObject(JSON.stringify(rest))).toBeUndefined();
  });

  it.each(["ref", "join_ref"])("is not one whose %s is an object", (key) => {
    expect(decodeObject(JSON.stringify({ ...JSON.parse(text), [key]: {} }))).toBeUndefined();
  });

  it.each(["", "{", "null", "7", '"topic"', "[]"])("is not %j", (other) => {
    expect(decodeObject(other)).toBeUndefined();
    expect(hasTopic(other)).toBe(false);
  });

  it("is not one whose bytes are no UTF-8", () => {
    const bytes = Buffer.from(text);
    bytes[10] = 0xff;
    expect(decodeObject(bytes)).toBeUndefined();
    expect(hasTopic(bytes)).toBe(false);
  });

  it("is told by its topic, whole or not", () => {
    expect([hasTopic('{"topic":1}'), hasTopic('{"event":"hi"}')]).toEqual([true, false]);
  });

  it("is written with four keys and no join_ref", () => {
    expect(encodeObject("a", "hi", { n: 1 }, null)).toBe(
      '{"topic":"a","event":"hi","payload":{"n":1},"ref":null}',
    );
  });
});

describe("a V2 binary frame", () => {
  /** A push: kind, four lengths, and what follows. */
  const push = (lengths: readonly number[], rest: string, kind = 0): Buffer =>
    Buffer.concat([Buffer.from([kind, ...lengths]), Buffer.from(rest)]);

  it("of a push may have no data, and names of no length", () => {
    expect(decodeBinary(push([1, 1, 1, 1], "1234"))).toEqual({
      joinRef: "1",
      ref: "2",
      topic: "3",
      event: "4",
      payload: Buffer.alloc(0),
    });
    expect(decodeBinary(push([1, 2, 3, 4], "122333üü\n\0"))).toEqual({
      joinRef: "1",
      ref: "22",
      topic: "333",
      event: "üü",
      payload: Buffer.from([10, 0]),
    });
    expect(decodeBinary(push([0, 0, 0, 0], ""))).toEqual({
      joinRef: "",
      ref: "",
      topic: "",
      event: "",
      payload: Buffer.alloc(0),
    });
  });

  it.each([
    ["no bytes", Buffer.alloc(0)],
    ["its kind alone", Buffer.from([0])],
    ["half a head", Buffer.from([0, 0, 0, 0])],
    ["a reply", push([0, 0, 0, 0], "", 1)],
    ["a broadcast", push([0, 0, 0, 0], "", 2)],
    ["a name that is cut short", push([1, 1, 1, 2], "1234")],
  ])("is no push where it is %s", (_what, bytes) => {
    expect(decodeBinary(bytes)).toBeUndefined();
  });

  it("of a reply has four lengths after its kind", () => {
    const frame = encodeBinaryReply(["1", "22", "a", "ok"], Buffer.from("x"));
    expect(frame).toEqual(Buffer.concat([Buffer.from([1, 1, 2, 1, 2]), Buffer.from("122aokx")]));
  });

  it("has names of up to 255 bytes, of which none may be longer", () => {
    const bytes = Buffer.alloc(0);
    expect(encodeBinaryBroadcast("a".repeat(255), "e", bytes)).toHaveLength(3 + 256);
    expect(encodeBinaryBroadcast("a".repeat(256), "e", bytes)).toBeUndefined();
    expect(encodeBinaryBroadcast("a", "e".repeat(256), bytes)).toBeUndefined();
  });
});
