import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeFrame } from "../../../server/connections/frame.ts";

/** Reads one unmasked, unfragmented frame. */
function decode(frame: Buffer): { data: Buffer; isBinary: boolean } {
  const short = frame.readUInt8(1);
  const [start, length] =
    short < 126
      ? [2, short]
      : short === 126
        ? [4, frame.readUInt16BE(2)]
        : [10, Number(frame.readBigUInt64BE(2))];
  expect(frame.length).toBe(start + length);
  expect([0x81, 0x82]).toContain(frame.readUInt8(0));
  return { data: frame.subarray(start), isBinary: frame.readUInt8(0) === 0x82 };
}

describe("a WebSocket frame", () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])(
    "of %i bytes has the right header",
    (length) => {
      const data = Buffer.alloc(length, 7);
      expect(decode(encodeFrame(data))).toEqual({ data, isBinary: true });
    },
  );

  it("carries any text as UTF-8", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        const message = decode(encodeFrame(text));
        expect(message.isBinary).toBe(false);
        expect(message.data.toString()).toBe(Buffer.from(text).toString());
      }),
    );
  });
});
