import { JsonText, jsonTextOf } from "../json-text.ts";
import { eventNameProblem, roomNameProblem } from "../rooms/names.ts";
import { payloadKind } from "../rooms/payload.ts";

/** Prefix of the channels on which backends talk to rooms. */
export const TO_PREFIX = "to:";
/** Prefix of the channels on which backends hear of rooms. */
const FROM_PREFIX = "from:";

/** Last part of the channels that end connections. */
const DISCONNECT = ":disconnect";

/** Which event of which room a channel names. */
export interface BusTarget {
  readonly room: string;
  readonly event: string;
}

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/**
 * Reads a `to:` channel. It is split at its last colon: a room may contain colons, an event may
 * not.
 *
 * @returns undefined where a name is missing, illegal or reserved
 */
export function decodeTarget(channel: string): BusTarget | undefined {
  const target = channel.slice(TO_PREFIX.length);
  const colon = target.lastIndexOf(":");
  const room = target.slice(0, Math.max(colon, 0));
  const event = target.slice(colon + 1);
  const isLegal = roomNameProblem(room) === undefined && eventNameProblem(event) === undefined;
  return isLegal ? { room, event } : undefined;
}

/**
 * Reads a `to:` channel that ends the connections of an id: `to:<id>:disconnect`. No event of a
 * room may have that name.
 *
 * @returns the id, or undefined where the channel is none of these
 */
export function decodeDisconnect(channel: string): string | undefined {
  if (!channel.endsWith(DISCONNECT)) return undefined;
  const id = channel.slice(TO_PREFIX.length, -DISCONNECT.length);
  return roomNameProblem(id) === undefined ? id : undefined;
}

/**
 * Reads a payload: a JSON object or array is a {@link JsonText}, anything else is bytes (Tangram's
 * first-byte rule).
 *
 * @returns undefined where it is empty or nested too deeply
 */
export function decodePayload(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  if (bytes[0] !== OPEN_BRACE && bytes[0] !== OPEN_BRACKET) return bytes;
  const text = bytes.toString("utf8");
  let payload: unknown;
  try {
    payload = JSON.parse(text);
  } catch {
    return bytes;
  }
  return payloadKind(payload) === "unfit" ? undefined : new JsonText(text);
}

/** The channel on which backends hear of an event in a room. */
export function fromChannel(room: string, event: string): string {
  return `${FROM_PREFIX}${room}:${event}`;
}

/** The channel on which backends and nodes talk to a room. */
export function toChannel(room: string, event: string): string {
  return `${TO_PREFIX}${room}:${event}`;
}

/** A payload as backends get it: bytes as they are, anything else as JSON text. */
export function encodePayload(payload: unknown): string | Buffer {
  if (!(payload instanceof Uint8Array)) return jsonTextOf(payload ?? null);
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
}
