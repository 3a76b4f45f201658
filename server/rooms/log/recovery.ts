import type { Entry } from "./entry.ts";
import type { Page } from "./log-store.ts";
import type { Position } from "./position.ts";

/** What a join's reply says of the log, and what follows the reply. */
export interface Recovery {
  readonly response: {
    /** Whether all that the client has missed follows; undefined where it did not ask. */
    readonly recovered?: boolean;
    readonly offset: number;
    readonly epoch: string;
  };
  readonly missed: readonly Entry[];
}

/** Most bytes that surround a payload on any wire, apart from the names. */
const ENVELOPE_BYTES = 256;
/** In a long-poll answer a message is a JSON string, in which quotes are two bytes. */
const MAX_ESCAPING = 2;

/**
 * Decides what a client that joins is sent of the log: all that it has missed, or nothing, where
 * the log is another one, does not reach back, or has more than the connection can take.
 *
 * @param spareBytes what the connection can take without being too slow a reader
 */
export function recover(
  page: Page,
  position: Position | undefined,
  room: string,
  spareBytes: number,
): Recovery {
  const { offset, epoch, first, entries } = page;
  if (position === undefined) return { response: { offset, epoch }, missed: [] };
  const { since } = position;
  const isSameLog = position.epoch === undefined ? since === 0 : position.epoch === epoch;
  const isThere = first <= since + 1 && since <= offset;
  const recovered = isSameLog && isThere && wireBytes(entries, room) <= spareBytes;
  return { response: { recovered, offset, epoch }, missed: recovered ? entries : [] };
}

/** What entries have at most on any wire. */
function wireBytes(entries: readonly Entry[], room: string): number {
  return entries.reduce((sum, entry) => {
    const names = 2 * (room.length + entry.event.length);
    return sum + MAX_ESCAPING * (entry.bytes + names) + ENVELOPE_BYTES;
  }, 0);
}
