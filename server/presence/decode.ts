import { isRoomName } from "../rooms/names.ts";
import { payloadKind } from "../rooms/payload.ts";
import type { PresenceMeta } from "../rooms/presence.ts";
import { type Entry, type Head, MAX_MESSAGE_BYTES, type Message, WIRE_VERSION } from "./message.ts";

const ID = /^[A-Za-z0-9]{8,64}$/;
const MAX_NAME_LENGTH = 255;
/** A `phx_ref` is a connection's name and a number. */
const MAX_REF_LENGTH = 255;
/** Parts of one answer. */
const MAX_PARTS = 2048;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** A JSON object as it may come from anyone. */
type Fields = Readonly<Partial<Record<string, unknown>>>;

/** Reads a message. Whoever can reach the link may have sent it, so nothing in it is believed. */
export function decodeMessage(message: string | Uint8Array): Message | undefined {
  const fields = readObject(message);
  if (fields === undefined || fields["v"] !== WIRE_VERSION) return undefined;
  const head = readHead(fields);
  return head && readMessage(head, fields);
}

function readObject(message: string | Uint8Array): Fields | undefined {
  if (message.length > MAX_MESSAGE_BYTES) return undefined;
  try {
    const value: unknown = JSON.parse(typeof message === "string" ? message : utf8.decode(message));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function readHead({ id, name, startedAtMs, number }: Fields): Head | undefined {
  const isHead =
    isId(id) && isText(name, MAX_NAME_LENGTH) && isCount(startedAtMs) && isCount(number);
  return isHead ? { id, name, startedAtMs, number } : undefined;
}

function readMessage(head: Head, fields: Fields): Message | undefined {
  const { type } = fields;
  switch (type) {
    case "beat":
    case "bye":
      return { ...head, type };
    case "delta":
      return readDelta(head, fields);
    case "ask":
      return readAsk(head, fields);
    case "state":
      return readState(head, fields);
    default:
      return undefined;
  }
}

function readDelta(head: Head, { joins, leaves }: Fields): Message | undefined {
  const isDelta = head.number > 0 && isListOf(joins, isEntry) && isListOf(leaves, isRef);
  return isDelta ? { ...head, type: "delta", joins, leaves } : undefined;
}

function readAsk(head: Head, { to, nonce }: Fields): Message | undefined {
  return isId(to) && isId(nonce) ? { ...head, type: "ask", to, nonce } : undefined;
}

function readState(head: Head, { nonce, part, parts, presences }: Fields): Message | undefined {
  const isPart = isCount(part) && isCount(parts) && parts <= MAX_PARTS && part < parts;
  if (!isId(nonce) || !isPart || !isListOf(presences, isEntry)) return undefined;
  return { ...head, type: "state", nonce, part, parts, presences };
}

function isEntry(value: unknown): value is Entry {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [room, key, meta]: unknown[] = value;
  return isRoomName(room) && typeof key === "string" && isMeta(meta);
}

function isRef(value: unknown): value is string {
  return isText(value, MAX_REF_LENGTH);
}

/** Besides its `phx_ref` a meta is what its client has said, of whatever shape. */
function isMeta(value: unknown): value is PresenceMeta {
  const hasRef = isObject(value) && isRef(value["phx_ref"]);
  return hasRef && payloadKind(value) === "json";
}

function isListOf<Item>(
  value: unknown,
  isItem: (item: unknown) => item is Item,
): value is readonly Item[] {
  return Array.isArray(value) && value.every(isItem);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is string {
  return typeof value === "string" && ID.test(value);
}

function isText(value: unknown, maxLength: number): value is string {
  return typeof value === "string" && value !== "" && value.length <= maxLength;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
