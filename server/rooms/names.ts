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

/** Why a name cannot be a room's, or undefined if it can. */
export function roomNameProblem(name: unknown): RefusalCode | undefined {
  if (!isName(name)) return "room_name_invalid";
  return name === CONNECTION_TOPIC ? "room_unmatched" : undefined;
}

/** Why a name cannot be the event of a push, or undefined if it can. */
export function eventNameProblem(name: unknown): RefusalCode | undefined {
  if (!isName(name)) return "event_name_invalid";
  return isReserved(name) ? "event_name_reserved" : undefined;
}

function isReserved(event: string): boolean {
  return RESERVED_EVENTS.has(event) || RESERVED_PREFIXES.some((prefix) => event.startsWith(prefix));
}

function isName(name: unknown): name is string {
  if (typeof name !== "string" || name === "" || name.length > MAX_NAME_BYTES) return false;
  return Buffer.byteLength(name) <= MAX_NAME_BYTES && !UNPRINTABLE.test(name);
}
