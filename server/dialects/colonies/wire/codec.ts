import { jsonTextOf } from "../../../json-text.ts";
import type { Envelope } from "./envelope.ts";
import { done, type Failure, failed, type Outcome } from "./outcome.ts";
import { bytesOfBase64 } from "./payload-bytes.ts";
import type { Request, RequestType } from "./request.ts";
import { decodeMembers } from "./request-decoders.ts";
import { isObject, RequestMembers, UnreadableMember } from "./request-members.ts";
import { isRequestType, phraseOf, unknownTypeText } from "./request-phrase.ts";

export type { Envelope } from "./envelope.ts";

/** What a text from a client is. */
export type DecodedEnvelope =
  | { readonly ok: true; readonly envelope: Envelope }
  | { readonly ok: false; readonly failure: Failure };

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const UNREADABLE: DecodedEnvelope = {
  ok: false,
  failure: { status: 400, message: "Failed to parse request, invalid JSON" },
};

/**
 * Reads an envelope. Its signature is not looked at.
 *
 * @param text what the client sent: a text, or its bytes
 * @returns the failure 400 `Failed to parse request, invalid JSON` for what is no JSON object with
 *   the texts `payloadtype`, `payload` and `signature`; other members are ignored
 */
export function decodeEnvelope(text: unknown): DecodedEnvelope {
  const value = typeof text === "string" ? jsonOf(text) : jsonOfBytes(text);
  if (!isObject(value)) return UNREADABLE;
  const { payloadtype, payload, signature } = value as { [Member in keyof Envelope]?: unknown };
  if (typeof payloadtype !== "string" || typeof payload !== "string") return UNREADABLE;
  if (typeof signature !== "string") return UNREADABLE;
  return { ok: true, envelope: { payloadtype, payload, signature } };
}

/**
 * Reads what an envelope asks. Members that are absent or null have their zero value.
 *
 * Failures are: 403 for a type that this server does not know, 400 for a payload that is not base64
 * of a JSON object whose members are of their types, and 400 (403 for `subscribeprocessmsg`) where
 * the payload names another type than the envelope.
 */
export function decodeRequest({ payloadtype, payload }: Envelope): Outcome<Request> {
  if (!isRequestType(payloadtype)) return failed(403, unknownTypeText(payloadtype));
  const invalid = failed(400, `${phraseOf(payloadtype)}, invalid JSON`);
  const inner = jsonOfBytes(bytesOfBase64(payload));
  if (!isObject(inner)) return invalid;
  try {
    const members = new RequestMembers(inner);
    if (members.text("msgtype") !== payloadtype) return mismatch(payloadtype);
    return done(decodeMembers(payloadtype, members));
  } catch (error) {
    if (error instanceof UnreadableMember) return invalid;
    throw error;
  }
}

/**
 * A good reply as it travels.
 *
 * @param payloadtype type of the request
 * @param inner the answer; undefined is the empty object
 */
export function encodeReply(payloadtype: string, inner: unknown): string {
  return encode(payloadtype, inner, false);
}

/** A bad reply as it travels. */
export function encodeFailure({ status, message }: Failure): string {
  return encode("error", { status, message }, true);
}

function encode(payloadtype: string, inner: unknown, error: boolean): string {
  const payload = Buffer.from(jsonTextOf(inner)).toString("base64");
  return `{"payloadtype":${JSON.stringify(payloadtype)},"payload":"${payload}","error":${error}}`;
}

function mismatch(type: RequestType): Outcome<never> {
  const phrase = phraseOf(type);
  switch (type) {
    case "subscribeprocessmsg":
      return failed(403, `${phrase}, msg.msgType does not match rpcMsg.PayloadType`);
    case "subscribechannelmsg":
      return failed(400, `${phrase}, msg.MsgType does not match rpcMsg.PayloadType`);
    default:
      return failed(400, `${phrase}, msg.MsgType does not match payloadType`);
  }
}

/** Undefined for what is not UTF-8 text of JSON. */
function jsonOfBytes(bytes: unknown): unknown {
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    return jsonOf(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}

/** Undefined for a text that is not JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
