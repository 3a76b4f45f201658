import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeEnvelope,
  decodeRequest,
  encodeFailure,
  encodeReply,
} from "../../../../server/dialects/colonies/wire/codec.ts";
import { JsonText } from "../../../../server/json-text.ts";
import { recoverIdentity } from "../../../support/recover-identity.ts";
import vectors from "../../../vectors/colonies.json" with { type: "json" };
import { base64Of, decodeInner, envelopeText } from "./codec-bodies.ts";

const unreadable = {
  ok: false,
  failure: { status: 400, message: "Failed to parse request, invalid JSON" },
};

/** What a reply says inside. */
function innerOf(reply: string): unknown {
  const { payload } = JSON.parse(reply) as { payload: string };
  return JSON.parse(Buffer.from(payload, "base64").toString());
}

describe("a request of the vectors", () => {
  it.each(vectors.requests)("is decoded, and its signer known: $inner.msgtype", (request) => {
    const decoded = decodeEnvelope(request.body);
    if (!decoded.ok) expect.fail();
    const { payload, signature } = decoded.envelope;
    expect(recoverIdentity(payload, signature)).toEqual({ ok: true, id: request.signerId });
    // Where a process is subscribed to, its colony and the type of its executor say nothing new.
    const { executortype: _, colonyname, payload: numbers, ...members } = request.inner;
    const expected = {
      ...members,
      ...(!members.msgtype.startsWith("subscribe") && colonyname && { colonyname }),
      ...(numbers && { payload: Uint8Array.from(numbers), type: "data" }),
    };
    expect(decodeRequest(decoded.envelope)).toMatchObject({ ok: true, value: expected });
  });
});

describe("an envelope", () => {
  it.each([
    ["", unreadable],
    ["{", unreadable],
    ["null", unreadable],
    ["[]", unreadable],
    ['"text"', unreadable],
    ["{}", unreadable],
    ['{"payloadtype":"a","payload":"b"}', unreadable],
    ['{"payloadtype":"a","signature":"b"}', unreadable],
    ['{"payload":"a","signature":"b"}', unreadable],
    ['{"payloadtype":1,"payload":"","signature":""}', unreadable],
    ['{"payloadtype":"","payload":null,"signature":""}', unreadable],
    ['{"payloadtype":"","payload":"","signature":{}}', unreadable],
    ["[".repeat(500_000), unreadable],
    [`${"[".repeat(500_000)}${"]".repeat(500_000)}`, unreadable],
    [undefined, unreadable],
    [null, unreadable],
    [{ payloadtype: "", payload: "", signature: "" }, unreadable],
    [Buffer.from([0x22, 0xff, 0x22]), unreadable],
    [new TextEncoder().encode('{"payloadtype":"","payload":"","signature":""}').buffer, unreadable],
  ])("is refused where it is no object with its three texts (%#)", (text, outcome) => {
    expect(decodeEnvelope(text)).toEqual(outcome);
  });

  it("is read from bytes as from text, and keeps nothing else", () => {
    const envelope = { payloadtype: "ä", payload: "p", signature: "s" };
    const text = JSON.stringify({ ...envelope, more: 1 });
    expect(decodeEnvelope(text)).toEqual({ ok: true, envelope });
    expect(decodeEnvelope(Buffer.from(text))).toEqual({ ok: true, envelope });
    const odd = '{"__proto__":{"payload":"p"},"payloadtype":"a","signature":"s"}';
    expect(decodeEnvelope(odd)).toEqual(unreadable);
  });

  it("is read or refused, whatever it is, and so is what is in it", () => {
    const bodies = vectors.requests.map(({ body }) => body);
    const changed = fc
      .tuple(fc.constantFrom(...bodies), fc.nat(), fc.string({ unit: "binary" }))
      .map(([body, at, by]) => body.slice(0, at % body.length) + by + body.slice(at % body.length));
    const inner = fc
      .tuple(fc.constantFrom(...vectors.requests.map((each) => each.inner.msgtype)), fc.jsonValue())
      .map(([msgtype, value]) => envelopeText(msgtype, { msgtype, ...Object(value) }));
    const texts = fc.oneof(fc.string({ unit: "binary" }), fc.json(), changed, inner);
    fc.assert(
      fc.property(texts, (text) => {
        const decoded = decodeEnvelope(text);
        const request = decoded.ok && decodeRequest(decoded.envelope);
        if (request && !request.ok) expect(request.failure.message).toMatch(/^(Failed|invalid) /);
      }),
      { numRuns: 500 },
    );
  });
});

describe("the type of a request", () => {
  it.each(["", "versionmsg", "__proto__", "constructor", "toString", "GETPROCESSMSG"])(
    "that nobody answers is refused: %s",
    (payloadtype) => {
      const message = `invalid rpcMsg.PayloadType: ${payloadtype}`;
      expect(decodeInner(payloadtype, {})).toEqual({
        ok: false,
        failure: { status: 403, message },
      });
    },
  );

  it("is shown with 64 printable characters at the most", () => {
    const shown = (payloadtype: string) => {
      const decoded = decodeInner(payloadtype, {});
      return decoded.ok ? undefined : decoded.failure.message.split(": ")[1];
    };
    expect(shown("a".repeat(1_000_000))).toBe("a".repeat(64));
    expect(shown(`${"😀".repeat(100)}`)).toBe("😀".repeat(64));
    expect(shown("a\u0000b\u001b[2J\u202e\ud83d c")).toBe("a?b?[2J?? c");
  });

  it.each([
    ["getprocessmsg", 400, "Failed to get process, msg.MsgType does not match payloadType"],
    ["channelreadmsg", 400, "Failed to read from channel, msg.MsgType does not match payloadType"],
    [
      "subscribeprocessmsg",
      403,
      "Failed to subscribe to process, msg.msgType does not match rpcMsg.PayloadType",
    ],
    [
      "subscribechannelmsg",
      400,
      "Failed to subscribe to channel, msg.MsgType does not match rpcMsg.PayloadType",
    ],
  ])("must be the one that was signed: %s", (payloadtype, status, message) => {
    const refused = { ok: false, failure: { status, message } };
    expect(decodeInner(payloadtype, { msgtype: "assignprocessmsg" })).toEqual(refused);
    expect(decodeInner(payloadtype, {})).toEqual(refused);
    expect(decodeInner(payloadtype, { msgtype: null })).toEqual(refused);
  });
});

describe("the payload of an envelope", () => {
  const invalid = {
    ok: false,
    failure: { status: 400, message: "Failed to get process, invalid JSON" },
  };
  const good = base64Of('{"msgtype":"getprocessmsg","processid":"ä"}');
  const decode = (payload: string) =>
    decodeRequest({ payloadtype: "getprocessmsg", payload, signature: "" });

  it("is read", () => {
    const value = { msgtype: "getprocessmsg", processid: "ä" };
    expect(decode(good)).toEqual({ ok: true, value });
  });

  it.each([
    ["nothing", ""],
    ["without its padding", good.replace(/=+$/, "")],
    ["with more padding", `${good}====`],
    ["padding alone", "===="],
    ["padding in the middle", `${"e30="}${good}`],
    ["a line break in it", `${good.slice(0, 8)}\n${good.slice(8)}`],
    ["of the alphabet for URLs", "-_-_"],
    ["no base64", `{"msgtype":"getprocessmsg"}`],
    ["no UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString("base64")],
    ["a byte order mark first", base64Of('\ufeff{"msgtype":"getprocessmsg"}')],
    ["no JSON", base64Of("{")],
    ["null", base64Of("null")],
    ["an array", base64Of("[]")],
    ["a text", base64Of('"getprocessmsg"')],
    ["nothing but depth", base64Of("[".repeat(400_000) + "]".repeat(400_000))],
  ])("is refused: %s", (_why, payload) => {
    expect(decode(payload)).toEqual(invalid);
  });
});

describe("a reply", () => {
  it("is the inner JSON in base64; what says nothing is the empty object", () => {
    const reply = '{"payloadtype":"channelappendmsg","payload":"e30=","error":false}';
    expect(encodeReply("channelappendmsg", {})).toBe(reply);
    expect(encodeReply("channelappendmsg", undefined)).toBe(reply);
    expect(innerOf(encodeReply("getusersmsg", null))).toBe(null);
    expect(innerOf(encodeReply("a", ["<é😀>\u2028"]))).toEqual(["<é😀>\u2028"]);
    expect(innerOf(encodeReply("a", new JsonText("[1.0]")))).toEqual([1]);
    expect(JSON.parse(encodeReply('a"b', 1))).toMatchObject({ payloadtype: 'a"b', error: false });
  });

  it("that tells of a failure says what the Go server's says", () => {
    const message = "Channel <a> not found";
    const reply = encodeFailure({ status: 404, message });
    const { payload: _, ...others } = JSON.parse(vectors.goReply.errorEnvelope);
    expect(JSON.parse(reply)).toMatchObject(others);
    expect(innerOf(reply)).toEqual(innerOf(vectors.goReply.errorEnvelope));
  });
});
