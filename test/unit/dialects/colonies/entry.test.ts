import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Appending,
  draftOf,
  liveEntry,
  sequenceOf,
  wireEntry,
} from "../../../../server/dialects/colonies/channels/entry.ts";
import { EntryMeta } from "../../../../server/entry-meta.ts";
import { JsonText } from "../../../../server/json-text.ts";
import type { Draft } from "../../../../server/rooms/log/entry.ts";

const SENDER = "a".repeat(64);
const AT_MS = Date.UTC(2026, 10, 20, 17, 49, 56, 852);

function appending(said: Partial<Appending> = {}): Appending {
  return { sequence: 1, inreplyto: 0, payload: Buffer.from("hi"), type: "data", ...said };
}

function logged(draft: Draft, offset = 7) {
  return { ...draft, offset, atMs: AT_MS };
}

/** A message as a log keeps it, and gives it back. */
function keep(said: Partial<Appending>) {
  return wireEntry(logged(draftOf(appending(said), SENDER)));
}

/** What a room's member sent, as clients of the channel see it. */
function seen(event: string, payload: unknown, marks: Partial<Draft> = {}) {
  const kept = payload instanceof Uint8Array ? payload : new JsonText(JSON.stringify(payload));
  return wireEntry(logged({ event, payload: kept, sender: "ann", ...marks }));
}

function textOf(draft: Draft): string {
  return draft.payload instanceof JsonText ? draft.payload.text : "";
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("An appended message", () => {
  it("is the event message of the room, with its text", () => {
    const draft = draftOf(appending({ sequence: 2, inreplyto: 1, type: "end" }), SENDER);
    expect(draft).toEqual({
      event: "message",
      payload: new JsonText('{"text":"hi"}'),
      sender: SENDER,
      sequence: 2,
      inReplyTo: 1,
      type: "end",
    });
  });

  it.each([
    ["UTF-8", Buffer.from("hé"), '{"text":"hé"}'],
    ["UTF-8 with a byte order mark", Buffer.from("\ufeffhi"), '{"text":"\ufeffhi"}'],
    ["a NUL", Buffer.from([0]), '{"text":"\\u0000"}'],
    ["nothing", Buffer.alloc(0), '{"text":""}'],
    ["bytes that are no text", Buffer.from([0xff, 0xfe, 0]), '{"base64":"//4A"}'],
    ["half a character", Buffer.from("é").subarray(0, 1), '{"base64":"ww=="}'],
    ["a surrogate in UTF-8", Buffer.from([0xed, 0xa0, 0x80]), '{"base64":"7aCA"}'],
    ["no payload", undefined, "{}"],
  ])("of %s is kept so that pages can read it", (_name, payload, expected) => {
    expect(textOf(draftOf(appending({ payload }), SENDER))).toBe(expected);
  });

  it("numbers itself in the log only with what a log has a place for", () => {
    for (const sequence of [0, -1, Number.MIN_SAFE_INTEGER]) {
      const draft = draftOf(appending({ sequence, inreplyto: -3, type: "progress" }), SENDER);
      expect(draft).not.toHaveProperty("sequence");
      expect(draft).not.toHaveProperty("inReplyTo");
      expect(draft).not.toHaveProperty("type");
      expect(JSON.parse(textOf(draft))).toEqual({
        text: "hi",
        type: "progress",
        sequence,
        inreplyto: -3,
      });
    }
  });

  it("comes back as an entry whose members are all there, and no error", () => {
    expect(keep({ sequence: 1 })).toEqual({
      sequence: 1,
      inreplyto: 0,
      timestamp: "2026-11-20T17:49:56.852Z",
      senderid: SENDER,
      payload: "aGk=",
      type: "data",
    });
    expect(keep({ type: "error" })).not.toHaveProperty("error");
  });

  it("without a payload has null, and an empty one the empty text", () => {
    expect(keep({ payload: undefined }).payload).toBeNull();
    expect(keep({ payload: undefined, type: "progress" })).toMatchObject({
      payload: null,
      type: "progress",
    });
    expect(keep({ payload: Buffer.alloc(0) }).payload).toBe("");
  });

  it("comes back as it was sent, whatever it was", () => {
    const integer = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.maxSafeInteger());
    const type = fc.oneof(
      fc.constantFrom("data", "end", "error", "text", "__proto__"),
      fc.string({ unit: "binary-ascii", minLength: 1 }),
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .string({ unit: fc.constantFrom("\ufeff", "\u0000", "\\", "é", "👋", "\ud83d") })
        .map((text) => new Uint8Array(Buffer.from(text))),
      fc.json().map((text) => new Uint8Array(Buffer.from(text))),
    );
    const payload = fc.option(bytes, { nil: undefined });
    fc.assert(
      fc.property(integer, integer, payload, type, (sequence, inreplyto, given, givenType) => {
        const entry = keep({ sequence, inreplyto, payload: given, type: givenType });
        const got = entry.payload === null ? undefined : Buffer.from(entry.payload, "base64");
        expect({ ...entry, payload: got && Buffer.from(got) }).toEqual({
          sequence,
          inreplyto,
          timestamp: expect.any(String),
          senderid: SENDER,
          payload: given && Buffer.from(given),
          type: givenType,
        });
      }),
      { numRuns: 1000 },
    );
  });

  it("is the same live as it is read", () => {
    const draft = draftOf(appending({ sequence: 0, type: "progress" }), SENDER);
    const entry = logged(draft);
    const meta = new EntryMeta("room", entry);
    expect(liveEntry("message", draft.payload, meta)).toEqual(wireEntry(entry));
    const numbered = logged(draftOf(appending({ sequence: 4, inreplyto: 3 }), SENDER));
    expect(liveEntry("message", numbered.payload, new EntryMeta("room", numbered))).toEqual(
      wireEntry(numbered),
    );
  });
});

describe("What a room's member sends", () => {
  it.each([
    ["its text", { text: "hi" }, "hi"],
    ["JSON", { text: "hi", by: "ann" }, '{"text":"hi","by":"ann"}'],
    ["JSON whose text is none", { text: 1 }, '{"text":1}'],
    ["JSON with base64 that is none", { base64: "?" }, '{"base64":"?"}'],
    ["JSON with unpadded base64", { base64: "aGk" }, '{"base64":"aGk"}'],
    ["JSON with text and base64", { text: "a", base64: "" }, '{"text":"a","base64":""}'],
    ["JSON with a type alone", { type: "cursor" }, '{"type":"cursor"}'],
    ["JSON with a type of the log's", { text: "a", type: "end" }, '{"text":"a","type":"end"}'],
    ["JSON with a sequence of the log's", { text: "a", sequence: 1 }, '{"text":"a","sequence":1}'],
    ["a list", ["hi"], '["hi"]'],
    ["a text", "hi", '"hi"'],
    ["null", null, "null"],
    ["a number", 1, "1"],
    ["a member called __proto__", JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
  ])("is seen as %s", (_name, payload, expected) => {
    expect(seen("message", payload).payload).toBe(base64(expected));
  });

  it("is its bytes where it is bytes", () => {
    const bytes = Buffer.from("xxhi").subarray(2);
    expect(seen("message", bytes)).toMatchObject({ payload: "aGk=", senderid: "ann" });
  });

  it("keeps JSON as it was written", () => {
    const payload = new JsonText('{ "n": 1.0, "m": 12345678901234567890 }');
    const entry = wireEntry(logged({ event: "message", payload }));
    expect(entry.payload).toBe(base64(payload.text));
  });

  it("has its offset for a sequence where it has no number of its own", () => {
    expect(seen("message", { text: "hi" })).toMatchObject({ sequence: 7, inreplyto: 0 });
    const marks = { sequence: 3, inReplyTo: 2, type: "error" } as const;
    expect(seen("message", { text: "hi" }, marks)).toMatchObject({
      sequence: 3,
      inreplyto: 2,
      type: "error",
    });
  });

  it("names its event where that is not message", () => {
    expect(seen("cursor", { text: "hi" })).toMatchObject({ event: "cursor", payload: "aGk=" });
    expect(seen("cursor", {})).toMatchObject({ event: "cursor", payload: base64("{}") });
    expect(seen("message", { text: "hi" })).not.toHaveProperty("event");
  });

  it("has no sender where server code sent it", () => {
    const entry = wireEntry(logged({ event: "message", payload: new JsonText("{}") }));
    expect(entry).toMatchObject({ senderid: "", payload: null });
  });

  it("can be read live as a value, too", () => {
    const meta = new EntryMeta("room", { offset: 1, atMs: AT_MS, sender: "ann" });
    expect(liveEntry("message", { text: "hi" }, meta)).toMatchObject({
      payload: "aGk=",
      senderid: "ann",
    });
  });
});

describe("The sequence of an entry", () => {
  it("is found as in the entry itself", () => {
    const bytes = fc.uint8Array({ maxLength: 8 });
    const json = fc.json().map((text) => new JsonText(text));
    const own = fc
      .record({ sequence: fc.integer({ min: -2, max: 3 }), payload: bytes })
      .map((said) => draftOf(appending(said), SENDER));
    const others = fc
      .oneof(bytes, json, fc.constant(new JsonText('{"text":"a","sequence":-1,"x":1}')))
      .map((payload): Draft => ({ event: "message", payload, sender: "ann" }));
    fc.assert(
      fc.property(fc.oneof(own, others), (draft) => {
        const entry = logged(draft);
        expect(sequenceOf(entry)).toBe(wireEntry(entry).sequence);
      }),
    );
  });

  it("does not make a log keep a payload twice, as text and as a value", () => {
    class Unread extends JsonText {
      override get value(): never {
        throw new Error("the value was read");
      }
    }
    const { payload, ...draft } = logged(draftOf(appending({ sequence: 0 }), SENDER));
    const entry = {
      ...draft,
      payload: new Unread(payload instanceof JsonText ? payload.text : ""),
    };
    expect(sequenceOf(entry)).toBe(0);
    expect(wireEntry(entry)).toMatchObject({ sequence: 0, payload: "aGk=" });
  });
});
