import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeBinary,
  encodeBinaryBroadcast,
  encodeBinaryPush,
} from "../../../server/dialects/phoenix/binary-codec.ts";
import { decodeText, encodeText } from "../../../server/dialects/phoenix/codec.ts";

const ref = fc.oneof(fc.string(), fc.integer(), fc.constant(null));
const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString("hex");

describe("a V2 text frame", () => {
  it("comes back as it was sent", () => {
    fc.assert(
      fc.property(
        ref,
        ref,
        fc.string(),
        fc.string(),
        fc.jsonValue(),
        (joinRef, own, topic, event, payload) => {
          const decoded = decodeText(encodeText(joinRef, own, topic, event, payload));
          const sent = JSON.parse(JSON.stringify({ joinRef, ref: own, topic, event, payload }));
          expect(decoded).toEqual(sent);
        },
      ),
    );
  });

  it("of any text is read or refused, never thrown at", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.json());
    fc.assert(
      fc.property(text, (value) => void decodeText(value)),
      { numRuns: 2000 },
    );
  });
});

describe("a V2 binary frame", () => {
  it("is laid out as Phoenix's own vectors", () => {
    const data = Buffer.from("656667", "hex");
    expect(
      decodeBinary(Buffer.from("\u0000\u0002\u0003\u0005\u000512123topicevent656667")),
    ).toEqual({
      joinRef: "12",
      ref: "123",
      topic: "topic",
      event: "event",
      payload: Buffer.from("656667"),
    });
    expect(hex(encodeBinaryPush("12", "topic", "event", data))).toBe(
      `00020505${Buffer.from("12topicevent").toString("hex")}656667`,
    );
    expect(hex(encodeBinaryBroadcast("topic", "event", data))).toBe(
      `020505${Buffer.from("topicevent").toString("hex")}656667`,
    );
    expect(hex(encodeBinaryBroadcast("room:a", "binbc", Buffer.from([1, 2, 3])))).toBe(
      "020605726f6f6d3a6162696e6263010203",
    );
    expect(hex(encodeBinaryPush("1", "room:a", "binpush", Buffer.from([1, 2, 3])))).toBe(
      "0001060731726f6f6d3a6162696e70757368010203",
    );
  });

  it("counts bytes, not characters", () => {
    expect(encodeBinaryBroadcast("ä".repeat(128), "e", Buffer.alloc(0))).toBeUndefined();
    expect(encodeBinaryBroadcast("ä".repeat(127), "e", Buffer.alloc(0))).toBeDefined();
  });

  it("of any bytes is read or refused, never thrown at", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const decoded = decodeBinary(Buffer.from(bytes));
        if (decoded !== undefined) expect(bytes[0]).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });
});
