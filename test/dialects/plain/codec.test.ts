import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeBinary } from "../../../server/dialects/plain/binary-codec.ts";
import { decodeFrame } from "../../../server/dialects/plain/codec.ts";
import { encodeEvent } from "../../../server/dialects/plain/encoder.ts";

const wishes = { presence: true, binary: true };
const object = fc.dictionary(fc.oneof(fc.string(), fc.constant("__proto__")), fc.jsonValue());

describe("a message of a plain client", () => {
  it("keeps every field but the dialect's own", () => {
    fc.assert(
      fc.property(object, fc.string(), fc.string(), (fields, room, event) => {
        const { _room, _event, _id, type, ...payload } = fields;
        const text = `${JSON.stringify(payload).slice(0, -1)}${
          Object.keys(payload).length > 0 ? "," : ""
        }"_event":${JSON.stringify(event)},"_room":${JSON.stringify(room)}}`;
        expect(decodeFrame(text)).toEqual({
          kind: "message",
          room,
          event,
          payload: JSON.parse(JSON.stringify(payload)),
          id: undefined,
        });
      }),
    );
  });

  it("of bytes comes back as it was sent", () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array({ maxLength: 40 }), (room, bytes) => {
        const frame = encodeBinary({ _room: room, _event: "photo", _id: 1 }, bytes);
        expect(decodeFrame(Buffer.from(frame))).toEqual({
          kind: "message",
          room,
          event: "photo",
          payload: Buffer.from(bytes),
          id: 1,
        });
      }),
    );
  });

  it("of any text or bytes is read, never thrown at", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.json());
    const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array));
    const headed = bytes.map((rest) => Buffer.concat([Buffer.from("{"), rest, Buffer.from("\n")]));
    fc.assert(
      fc.property(fc.oneof(text, bytes, headed), (data) => void decodeFrame(data)),
      { numRuns: 3000 },
    );
  });
});

describe("an event", () => {
  it("of any payload is one JSON object that names its room and keeps the payload", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), fc.string(), (payload, room, event) => {
        const text = String(encodeEvent({ room, event }, payload, wishes));
        const { _room, _event = "message", ...rest } = JSON.parse(text);
        expect(_room).toBe(room);
        expect(_event).toBe(event);
        const sent = JSON.parse(JSON.stringify(payload));
        const isWrapped = Object.keys(rest).join() === "data";
        expect([rest, ...(isWrapped ? [rest.data] : [])]).toContainEqual(sent);
      }),
    );
  });
});
