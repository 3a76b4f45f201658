import { JsonText, jsonTextOf } from "../json-text.ts";
import { isRoomName } from "../rooms/names.ts";
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
 * Splits a `to:` channel at its last colon: a room may contain colons, an event may not. Neither is
 * checked; either may be empty.
 */
export function splitTarget(channel: string): BusTarget {
  const target = channel.slice(TO_PREFIX.length);
  const colon = target.lastIndexOf(":");
  return { room: target.slice(0, Math.max(colon, 0)), event: target.slice(colon + 1) };
}

/** Whether a `to:` channel ends connections. No event of a room may have that name. */
export function isDisconnect(channel: string): boolean {
  return channel.endsWith(DISCONNECT);
}

/**
 * Reads a `to:` channel that ends the connections of an id: `to:<id>:disconnect`.
 *
 * @returns the id, or undefined where there is none
 */
export function readDisconnect(channel: string): string | undefined {
  const id = channel.slice(TO_PREFIX.length, -DISCONNECT.length);
  return isDisconnect(channel) && isRoomName(id) ? id : undefined;
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
