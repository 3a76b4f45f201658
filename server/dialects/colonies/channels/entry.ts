import type { EntryMeta } from "../../../entry-meta.ts";
import { JsonText } from "../../../json-text.ts";
import type { Draft } from "../../../rooms/log/entry.ts";
import { MESSAGE } from "../../../rooms/own-events.ts";
import type { RequestOf } from "../wire/request.ts";
import { decodeContent, encodeContent, isLoggedType } from "./message-payload.ts";

/** What a client says of a message that it appends. */
export type Appending = Pick<
  RequestOf<"channelappendmsg">,
  "sequence" | "inreplyto" | "payload" | "type"
>;

/** A message of a room's log. */
export interface LoggedMessage {
  readonly event: string;
  /** Bytes, or JSON: as text or as a value. */
  readonly payload: unknown;
  readonly offset: number;
  /** When it was logged, in ms since 1970. */
  readonly atMs: number;
  readonly sender?: string | undefined;
  readonly sequence?: number | undefined;
  readonly inReplyTo?: number | undefined;
  readonly type?: string | undefined;
}

/** An entry of a channel as clients see it. */
export interface WireEntry {
  /** The sender's own number of the message; its offset where the sender gave none. */
  readonly sequence: number;
  /** The sequence that it answers; 0 for none. */
  readonly inreplyto: number;
  /** When it was appended, RFC 3339. */
  readonly timestamp: string;
  /** Identity of the sender, or the presence key of a room's member; `""` for server code. */
  readonly senderid: string;
  /** Base64; null for a message without a payload. */
  readonly payload: string | null;
  /** `data`, `end`, `error` or another text. */
  readonly type: string;
  /** Name of the event, where a room's member sent another than `message`. */
  readonly event?: string;
}

/** What a room's log keeps of a message that its sender appends. */
export function draftOf(appending: Appending, sender: string): Draft {
  const { sequence, inreplyto, payload, type } = appending;
  const content = encodeContent({
    payload,
    type: isLoggedType(type) ? undefined : type,
    sequence: sequence < 1 ? sequence : undefined,
    inreplyto: inreplyto < 0 ? inreplyto : undefined,
  });
  return {
    event: MESSAGE,
    payload: content,
    sender,
    ...(sequence >= 1 && { sequence }),
    ...(inreplyto > 0 && { inReplyTo: inreplyto }),
    ...((type === "end" || type === "error") && { type }),
  };
}

/** A message of a room's log as an entry of its channel. */
export function wireEntry(message: LoggedMessage): WireEntry {
  const { event, offset, sender, atMs } = message;
  const content = decodeContent(event, message.payload);
  return {
    sequence: message.sequence ?? content.sequence ?? offset,
    inreplyto: message.inReplyTo ?? content.inreplyto ?? 0,
    timestamp: new Date(atMs).toISOString(),
    senderid: sender ?? "",
    payload: content.payload === undefined ? null : base64Of(content.payload),
    type: message.type ?? content.type ?? "data",
    ...(event !== MESSAGE && { event }),
  };
}

/** The same of an event on its way to the members of the room. */
export function liveEntry(event: string, payload: unknown, meta: EntryMeta): WireEntry {
  const { offset, atMs, author, sequence, inreplyto, type } = meta;
  const marks = { sender: author, sequence, inReplyTo: inreplyto, type };
  return wireEntry({ event, payload, offset, atMs, ...marks });
}

/** The sequence of an entry, found without reading more of its payload than is needed. */
export function sequenceOf({ event, payload, sequence, offset }: LoggedMessage): number {
  if (sequence !== undefined) return sequence;
  const maySayIt = !(payload instanceof JsonText) || payload.text.includes('"sequence"');
  return (maySayIt ? decodeContent(event, payload).sequence : undefined) ?? offset;
}

function base64Of({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}
