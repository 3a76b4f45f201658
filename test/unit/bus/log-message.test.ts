import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeLogMessage, encodeHead, encodeLogPayload } from "../../../server/bus/log-message.ts";
import { JsonText } from "../../../server/json-text.ts";
import type { Draft } from "../../../server/rooms/log/entry.ts";
import { seal, sealedEntry } from "./sealed-entry.ts";

function messageOf(draft: Draft, payload = encodeLogPayload(draft.payload)): Buffer {
  const head: unknown = JSON.parse(encodeHead(draft, ["room"]));
  return sealedEntry({ room: "log:a", epoch: "e", offset: 7, atMs: 5, head }, payload);
}

describe("what a node hears of a log", () => {
  it("is the entry as it was appended, its text byte for byte", () => {
    const payload = new JsonText('{"n": 1.0, "big": 9007199254740993}');
    const draft: Draft = { event: "said", payload, sender: "ann", sequence: 3 };
    expect(decodeLogMessage(messageOf(draft), seal)).toMatchObject({
      room: "log:a",
      epoch: "e",
      entry: { ...draft, payload: { text: payload.text }, offset: 7, atMs: 5, except: ["room"] },
    });
    const bytes: Draft = { event: "said", payload: Buffer.from([10, 0, 255]) };
    expect(decodeLogMessage(messageOf(bytes), seal).entry.payload).toEqual(
      Buffer.from([10, 0, 255]),
    );
  });

  it.each([
    ["text that is no JSON", "nonsense"],
    ["half a payload", '{"a":'],
    ["nothing", ""],
    ["a payload nested too deeply", `${"[".repeat(200)}${"]".repeat(200)}`],
  ])("is refused where somebody forged %s", (_what, forged) => {
    const draft: Draft = { event: "said", payload: new JsonText("{}") };
    expect(() => decodeLogMessage(messageOf(draft, Buffer.from(forged)), seal)).toThrow();
  });

  it("of any bytes is read or refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(() => decodeLogMessage(Buffer.from(bytes), seal)).toThrow();
      }),
    );
    const head = { event: 5, except: [] };
    const said = sealedEntry(
      { room: "r", epoch: "e", offset: 1, atMs: 1, head },
      Buffer.from("{}"),
    );
    expect(() => decodeLogMessage(said, seal)).toThrow("a head is none");
  });

  it.each([
    ["another room", { room: "log:b" }],
    ["another epoch", { epoch: "f" }],
    ["another offset", { offset: 8 }],
    ["another time", { atMs: 6 }],
    ["another head", { head: { event: "said", isBytes: false, except: [] } }],
    ["another seal", { seal: "0".repeat(40) }],
    ["no seal", { seal: undefined }],
  ])("is refused where somebody gave it %s", (_what, change) => {
    const message = messageOf({ event: "said", payload: new JsonText("{}") }).toString();
    const [said = "", payload] = message.split("\n");
    const forged = `${JSON.stringify({ ...JSON.parse(said), ...change })}\n${payload}`;
    expect(() => decodeLogMessage(Buffer.from(message), seal)).not.toThrow();
    expect(() => decodeLogMessage(Buffer.from(forged), seal)).toThrow(/no node|no word/);
    const changed = Buffer.from(message.replace("\n{}", "\n[]"));
    expect(() => decodeLogMessage(changed, seal)).toThrow("sealed by no node");
  });
});
