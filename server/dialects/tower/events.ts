import { Message } from "../../connections/message.ts";
import { jsonTextOf } from "../../json-text.ts";
import { PRESENCE_EVENTS } from "../../rooms/own-events.ts";
import { isBytes } from "../../rooms/payload.ts";
import { VerbatimText } from "./verbatim-text.ts";

/** Of events of the rooms themselves, which these clients do not know. */
const ROOM_EVENT_PREFIX = "phx_";

/**
 * Makes the frame of an event: the payload's JSON text and nothing else, since a payload of this
 * dialect names its group itself.
 *
 * @returns undefined for what these clients are not sent: presence, and bytes
 */
export function encodeEvent(event: string, payload: unknown): Message | undefined {
  if (isBytes(payload) || PRESENCE_EVENTS.has(event)) return undefined;
  if (event.startsWith(ROOM_EVENT_PREFIX)) return undefined;
  return new Message(payload instanceof VerbatimText ? payload.verbatim : jsonTextOf(payload));
}

/** Whether the payload of an end says that the token's time is over. */
export function isExpiry(payload: unknown): boolean {
  return codeOf(payload) === "token_expired";
}

/** Whether an event tells the client, and nobody else, that it may have missed others. */
export function isMissed(event: string, payload: unknown): boolean {
  return event === "missed" && codeOf(payload) === "messages_missed";
}

function codeOf(payload: unknown): unknown {
  return typeof payload === "object" && payload !== null && "code" in payload
    ? payload.code
    : undefined;
}
