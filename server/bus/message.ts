import { eventNameProblem, roomNameProblem } from "../rooms/names.ts";
import { payloadKind } from "../rooms/payload.ts";

/** Prefix of the channels on which backends talk to rooms. */
export const TO_PREFIX = "to:";
/** Prefix of the channels on which backends hear of rooms. */
const FROM_PREFIX = "from:";

/** A backend's message to a room. */
export interface BusMessage {
  readonly room: string;
  readonly event: string;
  readonly payload: unknown;
}

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/**
 * Reads a Redis message. The channel is split at its last colon: a room may contain colons, an
 * event may not. A JSON object or array is a JSON payload, anything else is binary (Tangram's
 * first-byte rule).
 *
 * @returns undefined where a name is missing, illegal or reserved, or the payload is empty or
 * nested too deeply
 */
export function decodeBusMessage(channel: string, bytes: Buffer): BusMessage | undefined {
  const target = channel.slice(TO_PREFIX.length);
  const colon = target.lastIndexOf(":");
  if (colon === -1 || bytes.length === 0) return undefined;
  const room = target.slice(0, colon);
  const event = target.slice(colon + 1);
  if (roomNameProblem(room) !== undefined || eventNameProblem(event) !== undefined) {
    return undefined;
  }
  const payload = decodePayload(bytes);
  return payloadKind(payload) === "unfit" ? undefined : { room, event, payload };
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
  if (!(payload instanceof Uint8Array)) return JSON.stringify(payload ?? null);
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
}

function decodePayload(bytes: Buffer): unknown {
  if (bytes[0] !== OPEN_BRACE && bytes[0] !== OPEN_BRACKET) return bytes;
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return bytes;
  }
}
