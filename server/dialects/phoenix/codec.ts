import { jsonTextOf } from "../../json-text.ts";

/** A client's name for a request or a join: opaque, compared strictly, echoed unchanged. */
export type Ref = string | number | null;

/** What a client may write in the place of a name. It is echoed. */
export type Name = string | number | boolean | null;

/** A message of a Phoenix client: `[join_ref, ref, topic, event, payload]`. */
export interface ClientFrame {
  readonly joinRef: Ref;
  readonly ref: Ref;
  /** A {@link Name}: Phoenix answers a topic that is no string instead of closing. */
  readonly topic: Name;
  readonly event: Name;
  readonly payload: unknown;
}

/** The body of a `phx_reply`. */
export interface ReplyPayload {
  readonly status: string;
  readonly response: unknown;
}

const FRAME_LENGTH = 5;
/** That of a join is kept as long as its member is in, and a binary frame has no room for more. */
const MAX_REF_BYTES = 255;

/** Decodes a V2 text frame, or undefined if it is none. Further elements are ignored. */
export function decodeText(text: string): ClientFrame | undefined {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(frame) || frame.length < FRAME_LENGTH) return undefined;
  const [joinRef, ref, topic, event, payload]: unknown[] = frame;
  if (!isRef(joinRef) || !isRef(ref) || !isName(topic) || !isName(event)) return undefined;
  return { joinRef, ref, topic, event, payload };
}

/** Encodes a V2 text frame. */
export function encodeText(
  joinRef: Ref,
  ref: Ref,
  topic: unknown,
  event: string,
  payload: unknown,
): string {
  const names = JSON.stringify([joinRef, ref, topic, event]);
  return `${names.slice(0, -1)},${jsonTextOf(payload)}]`;
}

/** Encodes a `phx_reply`. phoenix.js drops replies whose join_ref differs from the channel's. */
export function encodeReply(joinRef: Ref, ref: Ref, topic: unknown, reply: ReplyPayload): string {
  return encodeText(joinRef, ref, topic, "phx_reply", reply);
}

/** Whether a JSON value can be a name: no object or list, which may be nested too deep to encode. */
export function isName(value: unknown): value is Name {
  return typeof value !== "object" || value === null;
}

/** Whether a value can be a ref. */
export function isRef(value: unknown): value is Ref {
  if (typeof value === "string") return Buffer.byteLength(value) <= MAX_REF_BYTES;
  return typeof value === "number" || value === null;
}
