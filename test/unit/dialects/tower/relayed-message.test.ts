import { describe, expect, it } from "vitest";
import { readRelayed } from "../../../../server/dialects/tower/relayed-message.ts";
import { VerbatimText } from "../../../../server/dialects/tower/verbatim-text.ts";

const message = { type: "internal.message", text: '{"n": 1.0}' };
const read = (frame: unknown) => readRelayed(JSON.stringify(frame));

describe("what a relay brings", () => {
  it("is a message for a group, its text as it was written", () => {
    const relayed = read({ group: "jobs-summary", message });
    expect(relayed?.group).toBe("jobs-summary");
    expect(relayed?.payload.text).toBe('{"n": 1.0}');
    expect(relayed?.payload).not.toBeInstanceOf(VerbatimText);
  });

  it("has no group where AWX's nodes tell each other something", () => {
    expect(read({ group: "broadcast-group_send", message })).toHaveProperty("group", undefined);
  });

  it.each(["no JSON", "", `${"[".repeat(200)}${"]".repeat(200)}`])(
    "is text as it is where it is no JSON that all dialects carry: %#",
    (text) => {
      const payload = read({ group: "jobs-1", message: { ...message, text } })?.payload;
      expect(payload).toBeInstanceOf(VerbatimText);
      expect(payload).toMatchObject({ verbatim: text, text: JSON.stringify(text) });
    },
  );

  it.each([
    ["null", null],
    ["text", "group message"],
    ["a number", 7],
    ["no group", { message }],
    ["no message", { group: "jobs-1" }],
    ["a group that is no text", { group: 7, message }],
    ["a group with an illegal name", { group: "a b", message }],
    ["a message that is text", { group: "jobs-1", message: "type text" }],
    ["a message that is null", { group: "jobs-1", message: null }],
    ["a message without a type", { group: "jobs-1", message: { text: "{}" } }],
    ["a message of another type", { group: "jobs-1", message: { type: "other", text: "{}" } }],
    ["a message without text", { group: "jobs-1", message: { type: message.type } }],
    ["a message whose text is none", { group: "jobs-1", message: { ...message, text: 7 } }],
  ])("is refused where it is or has %s", (_what, frame) => {
    expect(read(frame)).toBeUndefined();
  });

  it("is refused where it is no JSON", () => {
    expect(readRelayed("{")).toBeUndefined();
  });
});
