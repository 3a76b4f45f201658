import { describe, expect, it } from "vitest";
import { memberDraft } from "../../../../server/dialects/colonies/channels/member-draft.ts";
import { JsonText } from "../../../../server/json-text.ts";

function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

describe("What a member pushes into a channel", () => {
  it("is kept with its numbering beside it", () => {
    const payload = { text: "hi", _sequence: 2, _inreplyto: 1, _type: "end" };
    expect(memberDraft("message", payload, "ann")).toEqual({
      event: "message",
      payload: new JsonText('{"text":"hi"}'),
      sender: "ann",
      sequence: 2,
      inReplyTo: 1,
      type: "end",
    });
  });

  it("is kept as it was, whatever becomes of its bytes", () => {
    const bytes = Buffer.from([1, 2]);
    const draft = memberDraft("bytes", bytes, "ann");
    bytes.fill(0);
    expect(draft).toMatchObject({ payload: Uint8Array.from([1, 2]) });
  });

  it.each([
    ["bytes in JSON", { bytes: Buffer.from([1]) }, "payload_invalid"],
    ["nested too deeply", new JsonText(nested(200)), "payload_invalid"],
    ["numbered wrongly", { _sequence: 1.5 }, "numbering_invalid"],
  ])("is refused where it is %s", (_name, payload, code) => {
    expect(memberDraft("message", payload, "ann")).toBe(code);
  });
});
