import type { RefusalCode } from "../../../codes.ts";
import { type Draft, loggable } from "../../../rooms/log/entry.ts";
import { readNumbering } from "../../../rooms/log/numbering.ts";
import { payloadKind } from "../../../rooms/payload.ts";

/**
 * What a channel's log keeps of what a room's member pushes, or why it cannot.
 *
 * @param payload with the member's own numbering, if it numbers its messages
 * @param sender the member's presence key
 */
export function memberDraft(event: string, payload: unknown, sender: string): Draft | RefusalCode {
  if (payloadKind(payload) === "unfit") return "payload_invalid";
  const numbered = readNumbering(payload);
  if (numbered === undefined) return "numbering_invalid";
  const kept = loggable(numbered.payload);
  if (kept === undefined) return "payload_invalid";
  return { event, payload: kept, sender, ...numbered.marks };
}
