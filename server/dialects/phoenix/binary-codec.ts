import type { ClientFrame } from "./codec.ts";

const KIND_PUSH = 0;
const KIND_REPLY = 1;
const KIND_BROADCAST = 2;
/** Each length of a binary frame's head is one byte. */
const MAX_FIELD_BYTES = 255;
/** Kind and four lengths. */
const PUSH_HEAD_BYTES = 5;

/**
 * Decodes a V2 binary push, or undefined if the bytes are none:
 * `00 | join_ref, ref, topic and event lengths | join_ref ref topic event | data`.
 */
export function decodeBinary(bytes: Buffer): ClientFrame | undefined {
  if (bytes.length < PUSH_HEAD_BYTES || bytes[0] !== KIND_PUSH) return undefined;
  const joinRefEnd = PUSH_HEAD_BYTES + bytes.readUInt8(1);
  const refEnd = joinRefEnd + bytes.readUInt8(2);
  const topicEnd = refEnd + bytes.readUInt8(3);
  const eventEnd = topicEnd + bytes.readUInt8(4);
  if (eventEnd > bytes.length) return undefined;
  return {
    joinRef: bytes.toString("utf8", PUSH_HEAD_BYTES, joinRefEnd),
    ref: bytes.toString("utf8", joinRefEnd, refEnd),
    topic: bytes.toString("utf8", refEnd, topicEnd),
    event: bytes.toString("utf8", topicEnd, eventEnd),
    payload: bytes.subarray(eventEnd),
  };
}

/**
 * Encodes a binary broadcast (`02 | topic and event lengths | topic event | data`), or undefined
 * if a name does not fit into its length.
 */
export function encodeBinaryBroadcast(
  topic: string,
  event: string,
  data: Uint8Array,
): Uint8Array | undefined {
  return encodeBinary(KIND_BROADCAST, [topic, event], data);
}

/**
 * Encodes a binary push to one client
 * (`00 | join_ref, topic and event lengths | join_ref topic event | data`), or undefined if a name
 * does not fit into its length.
 */
export function encodeBinaryPush(
  joinRef: string,
  topic: string,
  event: string,
  data: Uint8Array,
): Uint8Array | undefined {
  return encodeBinary(KIND_PUSH, [joinRef, topic, event], data);
}

/**
 * Encodes a binary reply
 * (`01 | join_ref, ref, topic and status lengths | join_ref ref topic status | data`), or
 * undefined if a field does not fit into its length.
 *
 * @param fields join_ref, ref, topic and status
 */
export function encodeBinaryReply(fields: string[], data: Uint8Array): Uint8Array | undefined {
  return encodeBinary(KIND_REPLY, fields, data);
}

function encodeBinary(kind: number, fields: string[], data: Uint8Array): Uint8Array | undefined {
  const encoded = fields.map((field) => Buffer.from(field));
  if (encoded.some((field) => field.length > MAX_FIELD_BYTES)) return undefined;
  const head = [kind, ...encoded.map((field) => field.length)];
  return Buffer.concat([Buffer.from(head), ...encoded, data]);
}
