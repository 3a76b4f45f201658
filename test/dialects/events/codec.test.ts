import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closes } from "../../../server/codes.ts";
import {
  decodeId,
  encodeBeginning,
  encodeClose,
  encodeEvent,
  encodeId,
  encodeLater,
} from "../../../server/dialects/events/codec.ts";
import { JsonText } from "../../../server/json-text.ts";
import { EventStreamParser } from "../../support/event-stream-parser.ts";

const text = fc.string({ unit: "binary" });
const name = text.filter((any) => any !== "" && !/[\r\n]/.test(any));
const epoch = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/);
const offset = fc.nat({ max: 999_999_999_999_999 });
const pieceSizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
/** JSON as people and programs write it, with any white space that may be between its parts. */
const spaced = fc
  .tuple(fc.jsonValue(), fc.constantFrom("\n", "\r", "\r\n", "\n\n", " \t\r\n"))
  .map(
    ([value, space]) => [value, JSON.stringify(value, null, 2).replaceAll("\n", space)] as const,
  );

/** Reads a stream in pieces, as it may come over a network. */
function read(stream: string, sizes: readonly number[] = [stream.length]): EventStreamParser {
  const parser = new EventStreamParser();
  for (let at = 0, turn = 0; at < stream.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    parser.add(stream.slice(at, at + size));
    at += size;
  }
  return parser;
}

describe("an event on the stream", () => {
  it("is read by a client as what it was, whatever its name and payload", () => {
    fc.assert(
      fc.property(
        name,
        fc.jsonValue(),
        fc.option(fc.tuple(offset, epoch)),
        pieceSizes,
        (...any) => {
          const [event, payload, place, sizes] = any;
          const id = place === null ? undefined : encodeId(...place);
          const { events } = read(encodeEvent(event, payload, id) ?? "", sizes);
          const data = JSON.stringify(payload);
          expect(events).toEqual([{ type: event, data, lastEventId: id ?? "" }]);
        },
      ),
    );
  });

  it("has its publisher's JSON text in one line, which means the same", () => {
    fc.assert(
      fc.property(spaced, ([value, written]) => {
        const stream = encodeEvent("said", new JsonText(written)) ?? "";
        expect(stream).not.toContain("\r");
        expect(stream.split("\n")).toHaveLength(4);
        const [event] = read(stream).events;
        expect(JSON.parse(event?.data ?? "")).toEqual(JSON.parse(JSON.stringify(value)));
        if (!/[\r\n]/.test(written)) expect(event?.data).toBe(written);
      }),
    );
  });

  it("is none where its name has a line break", () => {
    fc.assert(
      fc.property(text, fc.constantFrom("\r", "\n", "\r\n"), text, (before, end, after) => {
        expect(encodeEvent(`${before}${end}${after}`, {})).toBeUndefined();
      }),
    );
  });
});

describe("an id", () => {
  it("is read as the place that it was made of", () => {
    fc.assert(
      fc.property(offset, epoch, (since, of) => {
        expect(decodeId(encodeId(since, of))).toEqual({ since, epoch: of });
      }),
    );
  });

  it("of any text is read, never thrown at, and is a place that a join may name", () => {
    fc.assert(
      fc.property(text, (any) => {
        const { since, epoch: of } = decodeId(any);
        expect(Number.isSafeInteger(since) && since >= 0 && typeof of === "string").toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});

describe("a stream", () => {
  it("begins with when to come back, and then the reply to the join", () => {
    const parser = read(encodeBeginning({ status: "ok", response: {} }, "3@e"));
    expect(parser.retryMs).toBe(2000);
    expect(parser.events).toEqual([
      { type: "phx_reply", data: '{"status":"ok","response":{}}', lastEventId: "3@e" },
    ]);
  });

  it("of a client that is to come back later says why, and when", () => {
    const parser = read(encodeLater({ reason: "full", code: "connect_later" }));
    expect([parser.retryMs, parser.events[0]?.type]).toEqual([5000, "phx_error"]);
  });

  it.each(Object.entries(closes))("tells of the close %s by its name", (code, close) => {
    const told = encodeClose(close);
    if (code === "subscription_over") expect(told).toBeUndefined();
    else {
      expect(read(told ?? "").events).toEqual([
        {
          type: "phx_error",
          data: JSON.stringify({ reason: close.reason, code }),
          lastEventId: "",
        },
      ]);
    }
  });
});
