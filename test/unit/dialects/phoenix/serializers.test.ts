import { describe, expect, it } from "vitest";
import { withOffset } from "../../../../server/dialects/phoenix/offset.ts";
import { serializerV1 } from "../../../../server/dialects/phoenix/serializer-v1.ts";
import {
  serializerV2,
  serializerV2Text,
} from "../../../../server/dialects/phoenix/serializer-v2.ts";
import { EntryMeta } from "../../../../server/entry-meta.ts";
import { JsonText, jsonTextOf } from "../../../../server/json-text.ts";

const bytes = new Uint8Array([1, 2]);
const undeliverable =
  '{"event":"photo","bytes":2,"reason":"this connection cannot carry binary payloads"}';

it("each wire has a name of its own, by which frames are shared", () => {
  const names = [serializerV1, serializerV2, serializerV2Text].map(({ encoding }) => encoding);
  expect(names).toEqual(["phoenix-1", "phoenix-2", "phoenix-2-text"]);
});

describe("V1", () => {
  it("reads and writes objects as text", () => {
    const read = serializerV1.decode('{"topic":"a","event":"hi","payload":{},"ref":"2"}');
    expect(read).toMatchObject({ topic: "a", event: "hi", ref: "2" });
    expect(serializerV1.encodeReply("1", "2", "a", { status: "ok", response: {} })).toBe(
      '{"topic":"a","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":"2"}',
    );
    expect(serializerV1.encodePush("1", "a", "hi", undefined)).toBe(
      '{"topic":"a","event":"hi","payload":{},"ref":null}',
    );
    expect(serializerV1.encodeBroadcast("a", "hi", undefined)).toBe(
      '{"topic":"a","event":"hi","payload":{},"ref":null}',
    );
    expect(serializerV1.encodePush("1", "a", "hi", [1])).toContain('"payload":[1]');
    expect(serializerV1.encodeBroadcast("a", "hi", [1])).toContain('"payload":[1]');
  });

  it("tells the end of a join by its join_ref", () => {
    expect(serializerV1.encodeEnd("1", "a", "phx_close", undefined)).toBe(
      '{"topic":"a","event":"phx_close","payload":{},"ref":"1"}',
    );
    expect(serializerV1.encodeEnd("1", "a", "phx_error", [1])).toContain('"payload":[1]');
  });

  it("tells of bytes in the place of sending them", () => {
    const frame = `{"topic":"a","event":"phx_undeliverable","payload":${undeliverable},"ref":null}`;
    expect(serializerV1.encodePush("1", "a", "photo", bytes)).toBe(frame);
    expect(serializerV1.encodeBroadcast("a", "photo", bytes)).toBe(frame);
    const reply = serializerV1.encodeReply("1", "2", "a", { status: "ok", response: bytes });
    expect(JSON.parse(String(reply))).toMatchObject({
      ref: "2",
      payload: { status: "error", response: { code: "binary_unsupported" } },
    });
  });
});

describe("V2", () => {
  it("reads a string as text, and bytes as a binary frame", () => {
    expect(serializerV2.decode('["1","2","a","hi",{}]')).toMatchObject({ topic: "a" });
    expect(serializerV2.decode(Buffer.from([0, 0, 0, 1, 0, 97]))).toMatchObject({ topic: "a" });
    expect(serializerV2.decode(Buffer.from('["1","2","a","hi",{}]'))).toBeUndefined();
  });

  it("writes JSON as text, an empty object where there is no payload", () => {
    expect(serializerV2.encodePush("1", "a", "hi", undefined)).toBe('["1",null,"a","hi",{}]');
    expect(serializerV2.encodePush("1", "a", "hi", [1])).toBe('["1",null,"a","hi",[1]]');
    expect(serializerV2.encodeBroadcast("a", "hi", undefined)).toBe('[null,null,"a","hi",{}]');
    expect(serializerV2.encodeBroadcast("a", "hi", [1])).toBe('[null,null,"a","hi",[1]]');
    expect(serializerV2.encodeEnd("1", "a", "phx_close", undefined)).toBe(
      '["1","1","a","phx_close",{}]',
    );
    expect(serializerV2.encodeEnd("1", "a", "phx_error", [1])).toBe(
      '["1","1","a","phx_error",[1]]',
    );
  });

  it("writes bytes in binary frames, an empty join_ref or ref where there is none", () => {
    const head = (...numbers: number[]) => Buffer.from(numbers);
    const frame = (numbers: Buffer, names: string) =>
      Buffer.concat([numbers, Buffer.from(names), bytes]);
    expect(serializerV2.encodePush("1", "a", "hi", bytes)).toEqual(frame(head(0, 1, 1, 2), "1ahi"));
    expect(serializerV2.encodePush(null, "a", "hi", bytes)).toEqual(frame(head(0, 0, 1, 2), "ahi"));
    expect(serializerV2.encodeBroadcast("a", "hi", bytes)).toEqual(frame(head(2, 1, 2), "ahi"));
    const reply = { status: "ok", response: bytes };
    expect(serializerV2.encodeReply("1", 22, "a", reply)).toEqual(
      frame(head(1, 1, 2, 1, 2), "122aok"),
    );
    expect(serializerV2.encodeReply(null, null, "a", reply)).toEqual(
      frame(head(1, 0, 0, 1, 2), "aok"),
    );
  });

  it("refuses a reply of bytes whose ref does not fit into a binary frame", () => {
    const reply = serializerV2.encodeReply("1", "x".repeat(256), "a", {
      status: "ok",
      response: bytes,
    });
    expect(JSON.parse(String(reply))[4]).toMatchObject({
      status: "error",
      response: { code: "binary_unsupported" },
    });
  });
});

describe("V2 over a carrier of text alone", () => {
  it("takes bytes from its client", () => {
    expect(serializerV2Text.decode(Buffer.from([0, 0, 0, 1, 0, 97]))).toMatchObject({ topic: "a" });
  });

  it("tells of bytes in the place of sending them, and sends all else", () => {
    const told = `"phx_undeliverable",${undeliverable}]`;
    expect(serializerV2Text.encodePush("1", "a", "photo", bytes)).toBe(`["1",null,"a",${told}`);
    expect(serializerV2Text.encodeBroadcast("a", "photo", bytes)).toBe(`[null,null,"a",${told}`);
    expect(serializerV2Text.encodePush("1", "a", "hi", {})).toBe('["1",null,"a","hi",{}]');
    expect(serializerV2Text.encodeBroadcast("a", "hi", {})).toBe('[null,null,"a","hi",{}]');
    const good = serializerV2Text.encodeReply("1", "2", "a", { status: "ok", response: {} });
    expect(good).toBe('["1","2","a","phx_reply",{"status":"ok","response":{}}]');
    const bad = serializerV2Text.encodeReply("1", "2", "a", { status: "ok", response: bytes });
    expect(String(bad)).toContain('"binary_unsupported"');
  });
});

describe("an offset in a payload", () => {
  const entry = new EntryMeta("log:a", { offset: 7, atMs: 5 });
  const text = (payload: unknown, placement?: "payload" | "envelope" | "none") =>
    jsonTextOf(withOffset(payload, entry, placement));

  it("stands last beside an object's own fields", () => {
    expect(text({ n: 1 })).toBe('{"n":1,"_offset":7}');
    expect(text(new JsonText(' {"n": 1.0} \n'))).toBe('{"n": 1.0,"_offset":7}');
    expect(text({ _offset: 1 }, "payload")).toBe('{"_offset":1,"_offset":7}');
  });

  it("is the only field where the object has none, however it is written", () => {
    expect([text({}), text(new JsonText("{ \n }"))]).toEqual(['{"_offset":7}', '{"_offset":7}']);
    expect(text(new JsonText('{"a":{}}'))).toBe('{"a":{},"_offset":7}');
    expect(text(new JsonText('{"a":"{ }"}'))).toBe('{"a":"{ }","_offset":7}');
  });

  it("is not put into other values or bytes", () => {
    const list = [{}];
    expect(withOffset(list, entry)).toBe(list);
    expect(withOffset(bytes, entry)).toBe(bytes);
    expect(withOffset(bytes, entry, "envelope")).toBe(bytes);
    const object = {};
    expect(withOffset(object, entry, "none")).toBe(object);
  });

  it("may surround the payload, whatever it is, without the room's name", () => {
    expect(text({ n: 1 }, "envelope")).toBe('{"offset":7,"payload":{"n":1}}');
    expect(text(new JsonText(" [1.0] "), "envelope")).toBe('{"offset":7,"payload":[1.0]}');
    const said = new EntryMeta("log:a", { offset: 7, atMs: 5, sender: "ann", sequence: 3 });
    expect(jsonTextOf(withOffset({}, said, "envelope"))).toBe(
      '{"offset":7,"sender":"ann","sequence":3,"payload":{}}',
    );
  });
});
