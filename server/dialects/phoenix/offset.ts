import { type EntryMeta, markText } from "../../entry-meta.ts";
import { JsonText, jsonTextOf } from "../../json-text.ts";
import type { RoomSettings } from "../../options.ts";
import { isBytes } from "../../rooms/payload.ts";

/**
 * Puts what a log says of a message into its payload, which is all that a Phoenix client is shown.
 * Bytes stay as they are.
 *
 * - `payload`, the default: as `_offset` (and `_sender`, `_sequence`, `_inreplyto`, `_type`) beside
 *   the fields of an object; other values stay as they are;
 * - `envelope`: `{"offset", …, "payload"}` around any value.
 */
export function withOffset(
  payload: unknown,
  entry: EntryMeta,
  placement?: RoomSettings["phoenixOffset"],
): unknown {
  if (placement === "none" || isBytes(payload)) return payload;
  const text = jsonTextOf(payload).trim();
  if (placement === "envelope") {
    const { room: _room, ...marks } = entry;
    return new JsonText(`${JSON.stringify(marks).slice(0, -1)},"payload":${text}}`);
  }
  if (!text.startsWith("{")) return payload;
  // Last, so that no payload can put another in its place.
  const isEmpty = text.slice(1, -1).trim() === "";
  const marks = markText(entry);
  return new JsonText(isEmpty ? `{${marks}}` : `${text.slice(0, -1)},${marks}}`);
}
