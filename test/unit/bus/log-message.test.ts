import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeLogMessage, encodeHead, encodeLogPayload } from "../../../server/bus/log-message.ts";
import { JsonText } from "../../../server/json-text.ts";
import type { Draft } from "../../../server/rooms/log/entry.ts";

/** What a node hears when an entry is appended; the script in Redis puts it together like this. */
function messageOf(draft: Draft, payload = encodeLogPayload(draft.payload)): Buffer {
  const head = encodeHead(draft, ["room"]);
  const said = `{"room":"log:a","epoch":"e","offset":7,"atMs":5,"head":${head}}\n`;
  return Buffer.concat([Buffer.from(said), payload]);
}

describe("what a node hears of a log", () => {
  it("is the entry as it was appended, its text byte for byte", () => {
    const payload = new JsonText('{"n": 1.0, "big": 9007199254740993}');
    const draft: Draft = { event: "said", payload, sender: "ann", sequence: 3 };
    expect(decodeLogMessage(messageOf(draft))).toMatchObject({
      room: "log:a",
      epoch: "e",
      entry: { ...draft, payload: { text: payload.text }, offset: 7, atMs: 5, except: ["room"] },
    });
    const bytes: Draft = { event: "said", payload: Buffer.from([10, 0, 255]) };
    expect(decodeLogMessage(messageOf(bytes)).entry.payload).toEqual(Buffer.from([10, 0, 255]));
  });

  it.each([
    ["text that is no JSON", "nonsense"],
    ["half a payload", '{"a":'],
    ["nothing", ""],
    ["a payload nested too deeply", `${"[".repeat(200)}${"]".repeat(200)}`],
  ])("is refused where somebody forged %s", (_what, forged) => {
    const draft: Draft = { event: "said", payload: new JsonText("{}") };
    expect(() => decodeLogMessage(messageOf(draft, Buffer.from(forged)))).toThrow();
  });

  it("of any bytes is read or refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(() => decodeLogMessage(Buffer.from(bytes))).toThrow();
      }),
    );
    const head = '{"room":"r","epoch":"e","offset":1,"atMs":1,"head":{"event":5,"except":[]}}\n{}';
    expect(() => decodeLogMessage(Buffer.from(head))).toThrow();
  });
});
