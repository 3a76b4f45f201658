import { describe, expect, it } from "vitest";
import { decodePayload, encodePayload } from "../../../server/bus/message.ts";
import { JsonText } from "../../../server/json-text.ts";

const read = (text: string) => decodePayload(Buffer.from(text));

describe("a backend's payload", () => {
  it.each(['{"a": 1.0}', "[1, 2]"])("%s is JSON, and stays the text that it is", (text) => {
    const payload = read(text);
    expect(payload).toBeInstanceOf(JsonText);
    expect((payload as JsonText).text).toBe(text);
  });

  it.each(["7", '"text"', "null", "hello", ' {"a":1}', "{broken", "[1,"])("%s is bytes", (text) => {
    expect(read(text)).toEqual(Buffer.from(text));
  });

  it("is refused where it is empty", () => {
    expect(read("")).toBeUndefined();
  });

  it("is refused where it is nested in more than 128 levels", () => {
    const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
    expect(read(nested(128))).toBeInstanceOf(JsonText);
    expect(read(nested(129))).toBeUndefined();
  });
});

describe("a payload for backends", () => {
  it("is its bytes, and no others of the buffer that they lie in", () => {
    const bytes = new Uint8Array([9, 1, 2, 9]).subarray(1, 3);
    expect(encodePayload(bytes)).toEqual(Buffer.from([1, 2]));
  });

  it("is JSON text, which for nothing is null", () => {
    expect(encodePayload({ n: 1 })).toBe('{"n":1}');
    expect(encodePayload(undefined)).toBe("null");
  });
});
