import { describe, expect, it, vi } from "vitest";
import { decodeLogMessage, decodePage } from "../../../server/bus/log-message.ts";
import { JsonText, jsonTextOf } from "../../../server/json-text.ts";
import { seal, sealedEntry } from "./sealed-entry.ts";

const head = { event: "said", isBytes: false, except: [] as unknown };
const said = { room: "log:a", epoch: "e", offset: 7, atMs: 5, head: head as unknown };

function read(message: unknown, payload = "{}") {
  return decodeLogMessage(sealedEntry(message, Buffer.from(payload)), seal);
}

describe("what a node hears of a log", () => {
  it("may say who sent it, which number it has and which it answers, and that it is the last", () => {
    const marks = { sender: "ann", sequence: 1, inReplyTo: 2, type: "end" };
    expect(read({ ...said, head: { ...head, ...marks } }).entry).toMatchObject(marks);
    const error = read({ ...said, head: { ...head, type: "error" } });
    expect(error.entry.type).toBe("error");
  });

  it.each([
    ["null", null],
    ["a number", 7],
    ["text", "said"],
    ["without a room", { ...said, room: undefined }],
    ["of a room that is no text", { ...said, room: 7 }],
    ["without an epoch", { ...said, epoch: undefined }],
    ["of an empty epoch", { ...said, epoch: "" }],
    ["with an offset of 0", { ...said, offset: 0 }],
    ["with an offset between two numbers", { ...said, offset: 1.5 }],
    ["with an offset as text", { ...said, offset: "7" }],
    ["without a time", { ...said, atMs: undefined }],
    ["with a negative time", { ...said, atMs: -1 }],
    ["without a head", { ...said, head: undefined }],
    ["with null as head", { ...said, head: null }],
    ["with text as head", { ...said, head: "head" }],
  ])("is refused where it is %s", (_what, message) => {
    expect(() => read(message)).toThrow("no word of a log");
  });

  it.each([
    ["no event", { ...head, event: undefined }],
    ["an event without a name", { ...head, event: "" }],
    ["no list of exceptions", { ...head, except: undefined }],
    ["text for exceptions", { ...head, except: "room" }],
    ["a number among the exceptions", { ...head, except: ["room", 7] }],
  ])("is refused where its head has %s", (_what, forged) => {
    expect(() => read({ ...said, head: forged })).toThrow("a head is none");
  });

  it.each([
    ["a sequence of 0", { sequence: 0 }],
    ["a sequence as text", { sequence: "1" }],
    ["an answer to nothing", { inReplyTo: null }],
    ["an unknown type", { type: "begin" }],
    ["a sender that is no text", { sender: 7 }],
    ["one good mark and one bad", { sequence: 1, inReplyTo: 0 }],
    ["a good type and a bad sequence", { type: "end", sequence: 0, sender: "ann" }],
  ])("is refused where its head has %s", (_what, marks) => {
    expect(() => read({ ...said, head: { ...head, ...marks } })).toThrow(
      "a head has marks that are none",
    );
  });

  it("is refused where its payload is nested too deeply", () => {
    const deep = "[".repeat(200) + "]".repeat(200);
    expect(() => read(said, deep)).toThrow("a payload is nested too deeply");
  });
});

describe("a page of a log", () => {
  it("has the stream's numbers, times, heads and payloads", () => {
    const fields = ["h", JSON.stringify(head), "p", '{"n": 1.0}', "t", "1700000000000"];
    const bytes = { ...head, isBytes: true, except: ["room"] };
    const items = [
      [Buffer.from("8-0"), fields.map((field) => Buffer.from(field))],
      [Buffer.from("9-0"), ["h", JSON.stringify(bytes)].map((field) => Buffer.from(field))],
    ];
    const refused = vi.fn();
    const page = decodePage([Buffer.from("e"), 9, 8, items], refused);
    expect(refused).not.toHaveBeenCalled();
    expect(page).toMatchObject({ epoch: "e", offset: 9, first: 8 });
    expect(page.entries).toMatchObject([
      { offset: 8, atMs: 1_700_000_000_000, event: "said", except: [], bytes: 10 },
      { offset: 9, atMs: 0, event: "said", except: ["room"], bytes: 0, payload: Buffer.alloc(0) },
    ]);
    expect(jsonTextOf(page.entries[0]?.payload)).toBe('{"n": 1.0}');
    expect(page.entries[0]?.payload).toBeInstanceOf(JsonText);
  });

  it("has no end where the stream has no items", () => {
    const page = decodePage([Buffer.from("e"), 9, 10, []], vi.fn());
    expect(page).toStrictEqual({ epoch: "e", offset: 9, first: 10, entries: [], end: undefined });
  });

  it("has all other entries where an item of the stream says nothing", () => {
    const fields = ["h", JSON.stringify(head), "p", "{}", "t", "5"];
    const refused = vi.fn();
    const page = decodePage(
      [
        Buffer.from("e"),
        9,
        7,
        [
          [Buffer.from("7-0"), []],
          [Buffer.from("8-0"), fields.map((field) => Buffer.from(field))],
          [Buffer.from("9-0"), ["h", "null"].map((field) => Buffer.from(field))],
        ],
      ],
      refused,
    );
    expect(page).toMatchObject({ offset: 9, first: 7, end: 9, entries: [{ offset: 8 }] });
    expect(refused).toHaveBeenCalledTimes(2);
  });
});
