import { JsonText } from "../../json-text.ts";
import { isBytes, payloadKind } from "../payload.ts";

/** What an entry is: data, the end of what its sender says, or word of its failure. */
export type EntryType = "data" | "end" | "error";

/** A message that is to be logged. */
export interface Draft {
  readonly event: string;
  /** JSON as text, or bytes: neither changes once it is logged. */
  readonly payload: JsonText | Uint8Array;
  /** Presence key of the member that sent it; undefined for server code and backends. */
  readonly sender?: string;
  /** The sender's own number of the message: the same one is logged once. */
  readonly sequence?: number;
  /** The `sequence` that the message answers. */
  readonly inReplyTo?: number;
  /** Undefined for data. */
  readonly type?: Exclude<EntryType, "data">;
}

/** A message of a room's log. */
export interface Entry extends Draft {
  /** 1 for the first message of a log, and one more for each that follows. */
  readonly offset: number;
  /** When it was logged, in ms since 1970. */
  readonly atMs: number;
  /** Size of its payload. */
  readonly bytes: number;
}

/**
 * A payload in the form in which it is kept, or undefined if it is neither a JSON value nor bytes,
 * and so cannot be.
 */
export function loggable(payload: unknown): Draft["payload"] | undefined {
  if (payload instanceof JsonText) {
    // Without the value that it may have been read to, which would be kept, too.
    return payload.constructor === JsonText ? new JsonText(payload.text) : payload;
  }
  // A view may belong to a large buffer, and its owner may write to it.
  if (isBytes(payload)) return Uint8Array.from(payload);
  if (payload === undefined) return new JsonText("{}");
  if (payloadKind(payload) !== "json") return undefined;
  const text: string | undefined = JSON.stringify(payload);
  return text === undefined ? undefined : new JsonText(text);
}

/** Size of a payload as it is kept. */
export function payloadBytes(payload: Draft["payload"]): number {
  return payload instanceof JsonText ? Buffer.byteLength(payload.text) : payload.byteLength;
}
