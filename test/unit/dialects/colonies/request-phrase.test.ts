import { describe, expect, it } from "vitest";
import { decodeEnvelope } from "../../../../server/dialects/colonies/wire/codec.ts";
import {
  isRequestType,
  phraseOf,
  unknownTypeText,
} from "../../../../server/dialects/colonies/wire/request-phrase.ts";

describe("the failure of a ColonyOS request", () => {
  it.each([
    ["addcolonymsg", "Failed to add colony"],
    ["removecolonymsg", "Failed to remove colony"],
    ["getcoloniesmsg", "Failed to get colonies"],
    ["getstatisticsmsg", "Failed to get statistics"],
    ["addexecutormsg", "Failed to add executor"],
    ["approveexecutormsg", "Failed to approve executor"],
    ["rejectexecutormsg", "Failed to reject executor"],
    ["removeexecutormsg", "Failed to remove executor"],
    ["getexecutorsmsg", "Failed to get executors"],
    ["getexecutormsg", "Failed to get executor"],
    ["addusermsg", "Failed to add user"],
    ["getusersmsg", "Failed to get users"],
    ["removeusermsg", "Failed to remove user"],
    ["submitfuncspecmsg", "Failed to submit process"],
    ["getprocessmsg", "Failed to get process"],
    ["getprocessesmsg", "Failed to get processes"],
    ["removeprocessmsg", "Failed to remove process"],
    ["removeallprocessesmsg", "Failed to remove all processes"],
    ["assignprocessmsg", "Failed to assign process"],
    ["closesuccessfulmsg", "Failed to close process as successful"],
    ["closefailedmsg", "Failed to close process as failed"],
    ["channelappendmsg", "Failed to append to channel"],
    ["channelreadmsg", "Failed to read from channel"],
    ["subscribeprocessmsg", "Failed to subscribe to process"],
    ["subscribechannelmsg", "Failed to subscribe to channel"],
    ["getcronsmsg", "Failed to get crons"],
    ["getgeneratorsmsg", "Failed to get generators"],
    ["getfilelabelsmsg", "Failed to get file labels"],
    ["removeallprocessgraphsmsg", "Failed to remove all process graphs"],
  ] as const)("of %s begins with %j", (type, phrase) => {
    expect(isRequestType(type)).toBe(true);
    expect(phraseOf(type)).toBe(phrase);
  });

  it("of an unknown type repeats 64 printable characters of it", () => {
    expect(unknownTypeText("nomsg\u0007\n")).toBe("invalid rpcMsg.PayloadType: nomsg??");
    expect(unknownTypeText("🤖".repeat(65))).toBe(`invalid rpcMsg.PayloadType: ${"🤖".repeat(64)}`);
  });
});

describe("an envelope of bytes", () => {
  const text = '{"payloadtype":"a","payload":"b","signature":"c"}';
  const envelope = { payloadtype: "a", payload: "b", signature: "c" };

  it("is read as UTF-8 text, whatever kind of view the bytes are", () => {
    expect(decodeEnvelope(Buffer.from(text))).toEqual({ ok: true, envelope });
    expect(decodeEnvelope(new Uint8Array(Buffer.from(text)))).toEqual({ ok: true, envelope });
  });

  it("is refused where it is no UTF-8, or begins with a byte order mark", () => {
    const bytes = Buffer.from(text);
    bytes[text.indexOf("a", 15)] = 0xff;
    expect(decodeEnvelope(bytes).ok).toBe(false);
    expect(decodeEnvelope(Buffer.from(`\ufeff${text}`)).ok).toBe(false);
  });

  it.each([undefined, null, 7, {}])("is not %j", (value) => {
    expect(decodeEnvelope(value).ok).toBe(false);
  });
});
