import { describe, expect, it } from "vitest";
import {
  decodeRecordMessage,
  removedMessage,
  writtenHead,
} from "../../../server/bus/record-message.ts";
import { Seal } from "../../../server/bus/seal.ts";

const seal = new Seal("a secret that nodes share");
const read = (text: string) =>
  decodeRecordMessage(Buffer.from(seal.close("commonroom:records", text)), seal);

describe("what a node hears of a record", () => {
  it("is its key and its text where it was written", () => {
    expect(read('"a:ü"\n+{"n":1}\n2')).toEqual({ key: "a:ü", text: '{"n":1}\n2' });
    expect(read('""\n+')).toEqual({ key: "", text: "" });
  });

  it("is its key alone where it was removed", () => {
    expect(read('"a"\n-')).toStrictEqual({ key: "a", text: undefined });
  });

  it("is what another node has sealed, and nobody else", () => {
    const written = writtenHead(seal, "a", "text");
    expect(decodeRecordMessage(Buffer.from(`${written}text`), seal).text).toBe("text");
    expect(() => decodeRecordMessage(Buffer.from(`${written}texT`), seal)).toThrow("no node");
    const removed = removedMessage(seal, "a");
    expect(decodeRecordMessage(Buffer.from(removed), seal)).toStrictEqual({
      key: "a",
      text: undefined,
    });
    const forged = removed.replace('"a"', '"b"');
    expect(() => decodeRecordMessage(Buffer.from(forged), seal)).toThrow("no node");
    expect(() => decodeRecordMessage(Buffer.from('"a"\n-'), seal)).toThrow("no node");
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
