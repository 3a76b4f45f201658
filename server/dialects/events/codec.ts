import { type Close, closes } from "../../codes.ts";
import { jsonTextOf } from "../../json-text.ts";
import { refusal } from "../../rooms/reply.ts";

/** What a client said that it had last. */
export interface LastEvent {
  /** Offset in the room's log. */
  readonly since: number;
  /** Epoch of that log, or what stood in its place. */
  readonly epoch: string;
}

/** Last id of a stream that is over for good: who comes back with it is told to stay away. */
export const FINAL_ID = "closed";
/** How long a client waits before it comes back. */
const RETRY_MS = 2000;
/** The same, where it was told to come back later. */
const LATER_MS = 5000;

const LINE_BREAK = /[\r\n]/;
const LINE_BREAKS = /[\r\n]+/g;
const ID = /^(\d{1,15})@(.+)$/;

const closeNames: ReadonlyMap<Close, string> = new Map(
  Object.entries(closes).map(([name, close]) => [close, name]),
);

/**
 * Makes an event, or undefined for a name that has a line break in it, which no client can have
 * sent. A payload goes on as the text that it is, in one line: line breaks stand only between the
 * parts of JSON, and become spaces.
 */
export function encodeEvent(event: string, payload: unknown, id?: string): string | undefined {
  if (LINE_BREAK.test(event)) return undefined;
  const text = jsonTextOf(payload).replaceAll(LINE_BREAKS, " ");
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${text}\n\n`;
}

/** Makes the beginning of a stream: when to come back, and the reply to the join. */
export function encodeBeginning(reply: object, id: string | undefined): string {
  return `retry: ${RETRY_MS}\n${encodeEvent("phx_reply", reply, id) ?? ""}`;
}

/** Makes the whole stream of a client that is to come back later. */
export function encodeLater(response: unknown): string {
  return `retry: ${LATER_MS}\n${encodeEvent("phx_error", response) ?? ""}`;
}

/** Makes the last event of a stream that the server ends, or undefined if its end has been told. */
export function encodeClose(close: Close): string | undefined {
  if (close === closes.subscription_over) return undefined;
  const { reason } = close;
  return encodeEvent("phx_error", { reason, code: closeNames.get(close) });
}

/** Makes the event that tells of messages that may have been missed. */
export function encodeMissed(): string | undefined {
  return encodeEvent("missed", refusal("messages_missed"));
}

/** Makes the id of a message in a log. */
export function encodeId(offset: number, epoch: string): string {
  return `${offset}@${epoch}`;
}

/** Reads a `Last-Event-ID`. What is no id of ours is the position in a log that there is not. */
export function decodeId(id: string): LastEvent {
  const [, offset, epoch] = ID.exec(id) ?? [];
  return offset === undefined || epoch === undefined
    ? { since: 0, epoch: id }
    : { since: Number(offset), epoch };
}
