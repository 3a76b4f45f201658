import { describe, expect, it } from "vitest";
import { decodeRecordMessage } from "../../../server/bus/record-message.ts";

const read = (text: string) => decodeRecordMessage(Buffer.from(text));

describe("what a node hears of a record", () => {
  it("is its key and its text where it was written", () => {
    expect(read('"a:ü"\n+{"n":1}\n2')).toEqual({ key: "a:ü", text: '{"n":1}\n2' });
    expect(read('""\n+')).toEqual({ key: "", text: "" });
  });

  it("is its key alone where it was removed", () => {
    expect(read('"a"\n-')).toStrictEqual({ key: "a", text: undefined });
  });

  it.each([
    ["no line break", '"a"', "JSON"],
    ["a key that is no text", "7\n+x", "a key is none"],
    ["a key that is no JSON", "a\n+x", "JSON"],
    ["another sign", '"a"\n*x', "neither written nor removed"],
    ["no sign", '"a"\n', "neither written nor removed"],
  ])("is refused with %s", (_what, text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
