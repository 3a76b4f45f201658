import { JsonText } from "../json-text.ts";

/** Deepest nesting of a payload. Encoders on the way are recursive. */
const MAX_DEPTH = 128;

/**
 * What a payload is:
 *
 * - `json`: a JSON value;
 * - `binary`: bytes alone;
 * - `unfit`: bytes inside JSON, which not every dialect can carry, or nested too deeply.
 */
export type PayloadKind = "json" | "binary" | "unfit";

/** Tells what a payload that came from a client or a backend is. */
export function payloadKind(payload: unknown): PayloadKind {
  if (isBytes(payload)) return "binary";
  if (payload instanceof JsonText) return payloadKind(payload.value);
  return isPlain(payload, MAX_DEPTH) ? "json" : "unfit";
}

/** Whether a payload is bytes. */
export function isBytes(payload: unknown): payload is Uint8Array {
  return payload instanceof Uint8Array;
}

/**
 * Makes sure that what an application has given can be told. What it cannot is else noticed where
 * nobody can help it.
 *
 * @throws TypeError for what has no JSON: a bigint, or what refers to itself
 */
export function mustBeEncodable<Payload>(payload: Payload): Payload {
  if (!isBytes(payload) && !(payload instanceof JsonText)) JSON.stringify(payload);
  return payload;
}

function isPlain(value: unknown, depthLeft: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depthLeft === 0 || isBytes(value)) return false;
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    if (!isPlain(item, depthLeft - 1)) return false;
  }
  return true;
}
