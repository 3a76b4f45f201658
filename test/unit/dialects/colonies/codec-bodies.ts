import { decodeRequest } from "../../../../server/dialects/colonies/wire/codec.ts";
import type { Outcome } from "../../../../server/dialects/colonies/wire/outcome.ts";
import type { Request } from "../../../../server/dialects/colonies/wire/request.ts";

/** A text as base64. */
export function base64Of(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** An envelope that nobody has signed. */
export function envelopeText(payloadtype: string, inner: unknown): string {
  const payload = base64Of(JSON.stringify(inner));
  return JSON.stringify({ payloadtype, payload, signature: "" });
}

/** What becomes of a request with some inner JSON. */
export function decodeInner(payloadtype: string, inner: unknown): Outcome<Request> {
  return decodeInnerText(payloadtype, JSON.stringify(inner));
}

/** What becomes of a request with some inner text. */
export function decodeInnerText(payloadtype: string, inner: string): Outcome<Request> {
  return decodeRequest({ payloadtype, payload: base64Of(inner), signature: "" });
}
