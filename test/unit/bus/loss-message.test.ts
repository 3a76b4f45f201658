import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeLossMessage, encodeLossMessage } from "../../../server/bus/loss-message.ts";
import { isRoomName } from "../../../server/rooms/names.ts";

const read = (text: string) => decodeLossMessage(Buffer.from(text));

describe("what a node tells of broadcasts that it could not send", () => {
  it.each([
    { node: "a", number: 1, agoMs: 0, rooms: [] },
    { node: "a", number: 1, agoMs: 7, rooms: ["lobby", "ü:1"] },
    { node: "x".repeat(100), number: 9, agoMs: 86_400_000, rooms: undefined },
  ])("is read as it was written: %j", (message) => {
    expect(read(encodeLossMessage(message))).toStrictEqual(message);
  });

  it.each([
    ["no JSON", "lobby"],
    ["null", "null"],
    ["no node", '{"number":1,"agoMs":0,"rooms":null}'],
    ["a node without a name", '{"node":"","number":1,"agoMs":0,"rooms":null}'],
    ["a node with a very long name", `{"node":"${"x".repeat(101)}","agoMs":0,"rooms":null}`],
    ["no number", '{"node":"a","agoMs":0,"rooms":null}'],
    ["a number below 1", '{"node":"a","number":0,"agoMs":0,"rooms":null}'],
    ["no length of time", '{"node":"a","number":1,"rooms":null}'],
    ["a time to come", '{"node":"a","number":1,"agoMs":-1,"rooms":null}'],
    ["part of a millisecond", '{"node":"a","number":1,"agoMs":0.5,"rooms":null}'],
    ["no rooms", '{"node":"a","number":1,"agoMs":0}'],
    ["rooms that are text", '{"node":"a","number":1,"agoMs":0,"rooms":"lobby"}'],
    ["a room that is a number", '{"node":"a","number":1,"agoMs":0,"rooms":[7]}'],
    [
      "a room that no client can name",
      '{"node":"a","number":1,"agoMs":0,"rooms":["\\u0000id:ann"]}',
    ],
    [
      "1,001 rooms",
      JSON.stringify({ node: "a", number: 1, agoMs: 0, rooms: Array(1001).fill("lobby") }),
    ],
  ])("is refused with %s", (_what, text) => {
    expect(() => read(text)).toThrow();
  });

  it("never has a shape that its reader does not name, whatever comes", () => {
    const any = fc.jsonValue();
    const room = fc.oneof({ weight: 4, arbitrary: fc.constantFrom("lobby", "ü:1") }, fc.string());
    const rooms = fc.oneof(fc.constant(null), fc.array(room));
    const likely = fc.record({
      node: fc.oneof({ weight: 4, arbitrary: fc.string() }, any),
      number: fc.oneof({ weight: 4, arbitrary: fc.nat() }, any),
      agoMs: fc.oneof({ weight: 4, arbitrary: fc.nat() }, any),
      rooms: fc.oneof({ weight: 4, arbitrary: rooms }, any),
      more: any,
    });
    const texts = fc.oneof({ weight: 4, arbitrary: likely.map(JSON.stringify) }, fc.json());
    let count = 0;
    fc.assert(
      fc.property(texts, (text) => {
        let message: ReturnType<typeof read>;
        try {
          message = read(text);
        } catch {
          return;
        }
        count += 1;
        const { node, number, agoMs, rooms: named, ...more } = message;
        expect(node).toBeTypeOf("string");
        expect(number).toBeGreaterThan(0);
        expect(Number.isSafeInteger(agoMs)).toBe(true);
        for (const name of named ?? []) expect(isRoomName(name)).toBe(true);
        expect(more).toEqual({});
        expect(read(encodeLossMessage(message))).toStrictEqual(message);
      }),
    );
    expect(count).toBeGreaterThan(0);
  });
});
