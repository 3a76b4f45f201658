import type { RefusalCode } from "../codes.ts";

const MAX_NAME_BYTES = 255;
/** Control characters, and halves of surrogate pairs, which UTF-8 cannot carry. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;
/** Phoenix's name for the connection itself: heartbeats. */
const CONNECTION_TOPIC = "phoenix";

/** Names that Socket.IO keeps for itself, and the requests of the room contract. */
const RESERVED_EVENTS: ReadonlySet<string> = new Set([
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
  "join",
  "leave",
  "push",
  "presence_state",
  "presence_diff",
]);
/** phoenix.js acts on these itself; a member that sent them could close another's channel. */
const RESERVED_PREFIXES = ["phx_", "chan_reply_"];

/** Whether this can be the name of a room. */
export function isRoomName(name: unknown): name is string {
  return isName(name) && name !== CONNECTION_TOPIC;
}

/** Why a name that is not a room's cannot be one. */
export function roomNameProblem(name: unknown): RefusalCode {
  return isName(name) ? "room_unmatched" : "room_name_invalid";
}

/** Whether this can be the event of a push. */
export function isEventName(name: unknown): name is string {
  return isName(name) && !isReserved(name);
}

/** Why a name that is not an event's cannot be one. */
export function eventNameProblem(name: unknown): RefusalCode {
  return isName(name) ? "event_name_reserved" : "event_name_invalid";
}

/** Whether this is text that may name something: 1 to 255 bytes, all of them printable. */
export function isName(name: unknown): name is string {
  if (typeof name !== "string" || name === "" || name.length > MAX_NAME_BYTES) return false;
  return Buffer.byteLength(name) <= MAX_NAME_BYTES && !UNPRINTABLE.test(name);
}

function isReserved(event: string): boolean {
  return RESERVED_EVENTS.has(event) || RESERVED_PREFIXES.some((prefix) => event.startsWith(prefix));
}
