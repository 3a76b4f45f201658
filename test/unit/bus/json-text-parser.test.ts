import { describe, expect, it } from "vitest";
import {
  keepJsonText,
  markJsonText,
  restoreJsonText,
} from "../../../server/bus/json-text-parser.ts";
import { JsonText } from "../../../server/json-text.ts";

const text = '{"n": 1.0}';
const packet = { type: 2, data: ["said", new JsonText(text), { room: "a" }], nsp: "/" };
const marked = { type: 2, data: ["said", text, { room: "a" }], nsp: "/", jsonText: true };

describe("a broadcast's packet between nodes", () => {
  it("with JSON text travels as a string and is marked", () => {
    expect(markJsonText(packet)).toStrictEqual(marked);
  });

  it("is the same JSON text again at the other node, beside its further arguments", () => {
    const { data, ...rest } = restoreJsonText(marked) as typeof packet;
    expect(data[1]).toBeInstanceOf(JsonText);
    expect((data[1] as JsonText).text).toBe(text);
    expect([data[0], data[2]]).toEqual(["said", { room: "a" }]);
    expect(rest).toMatchObject({ type: 2, nsp: "/" });
  });

  it("without JSON text stays as it is", () => {
    const plain = { type: 2, data: ["said", "text"] };
    expect(markJsonText(plain)).toBe(plain);
    expect(restoreJsonText(plain)).toBe(plain);
    const empty = { type: 2 };
    expect(markJsonText(empty)).toBe(empty);
  });

  it.each([
    ["no string", { data: ["said", 7], jsonText: true }, "is no text"],
    ["not there", { data: "said", jsonText: true }, "is no text"],
    ["no JSON", { data: ["said", "{"], jsonText: true }, "JSON"],
    [
      "nested too deeply",
      { data: ["said", "[".repeat(200) + "]".repeat(200)], jsonText: true },
      "nested too deeply",
    ],
  ])("is refused where it is marked and its payload is %s", (_what, forged, message) => {
    expect(() => restoreJsonText(forged)).toThrow(message);
  });
});

describe("a parser that keeps JSON text", () => {
  const identity = { encode: (message: unknown) => message, decode: (bytes: unknown) => bytes };
  const parser = keepJsonText(identity, "me");
  const options = { rooms: ["a"] };

  it("marks the packet of a broadcast and leaves its node and its options alone", () => {
    expect(parser.encode(["me", packet, options])).toStrictEqual(["me", marked, options]);
  });

  it("restores what other nodes have marked", () => {
    const [node, restored, rest] = parser.decode(["other", marked, options]) as unknown[];
    expect([node, rest]).toEqual(["other", options]);
    expect((restored as typeof packet).data[1]).toBeInstanceOf(JsonText);
  });

  it("does not check this node's own messages, which it ignores", () => {
    const own = ["me", { data: ["said", 7], jsonText: true }, options];
    expect(parser.decode(own)).toBe(own);
    expect(() => parser.decode(["other", ...own.slice(1)])).toThrow("is no text");
  });

  it.each([
    ["text", "hello"],
    ["a request of another kind", { type: 5, data: 1 }],
    ["a list without a packet", ["node"]],
    ["a list with text for a packet", ["node", "x", {}]],
    ["a list with null for a packet", ["node", null, {}]],
  ])("leaves %s as it is", (_what, message) => {
    expect(parser.encode(message)).toBe(message);
    expect(parser.decode(message)).toBe(message);
  });
});
