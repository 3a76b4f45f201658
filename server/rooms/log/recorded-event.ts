import { EntryMeta } from "../../entry-meta.ts";
import { isName } from "../names.ts";

/** An event on its way to the members of one room, as its sender wrote it. */
export interface RecordedEvent {
  readonly name: string;
  readonly payload: unknown;
}

/** Events that tell of the room as it is now, and would be wrong later. */
const PASSING = /^(?:presence_(?:state|diff)$|phx_)/;

/**
 * Reads an event that a room's log may keep: a legal name, a payload, and nothing else but a meta.
 *
 * @param data a packet's: the event's name and arguments
 * @returns undefined for other packets, for what tells of the room as it is now, and for what comes
 * from the log
 */
export function readRecordedEvent(data: unknown): RecordedEvent | undefined {
  if (!Array.isArray(data) || data.length > 3) return undefined;
  const [name, payload, meta]: unknown[] = data;
  if (meta instanceof EntryMeta || !isName(name) || PASSING.test(name)) return undefined;
  const isMeta = typeof meta === "object" && meta !== null && "room" in meta;
  return data.length < 3 || isMeta ? { name, payload } : undefined;
}
