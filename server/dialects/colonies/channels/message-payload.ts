import { JsonText, jsonTextOf } from "../../../json-text.ts";
import { MESSAGE } from "../../../rooms/own-events.ts";
import { isBytes } from "../../../rooms/payload.ts";

/** What a message says. What a room's log has no place for stands beside the text, or the bytes. */
export interface MessageContent {
  /** Undefined for a message without a payload. */
  readonly payload: Uint8Array | undefined;
  /** A type that is neither data, end nor error. */
  readonly type?: string | undefined;
  /** A sequence below 1. */
  readonly sequence?: number | undefined;
  /** A sequence below 0 that the message answers. */
  readonly inreplyto?: number | undefined;
}

type Members = { readonly [Member in "text" | "base64" | keyof MessageContent]?: unknown };

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const NO_PAYLOAD: MessageContent = { payload: undefined };
const LOGGED_TYPES: ReadonlySet<string> = new Set(["", "data", "end", "error"]);
const MEMBERS: ReadonlySet<string> = new Set(["text", "base64", "type", "sequence", "inreplyto"]);

/** Whether a room's log has a place for a type. */
export function isLoggedType(type: string): type is "" | "data" | "end" | "error" {
  return LOGGED_TYPES.has(type);
}

/**
 * A message as its room's log keeps it: `{"text": …}` where the bytes are UTF-8, else
 * `{"base64": …}`, and `{}` without a payload.
 */
export function encodeContent({ payload, ...others }: MessageContent): JsonText {
  const hasOthers = Object.values(others).some((other) => other !== undefined);
  // What has members of another kind alone is some other client's.
  const none = hasOthers ? { base64: null } : {};
  const said = payload === undefined ? none : encodeBytes(payload);
  return new JsonText(JSON.stringify({ ...said, ...others }));
}

/**
 * What a message of a room says, whoever sent it: the bytes, the text of `{"text": …}`, or
 * else the JSON itself.
 */
export function decodeContent(event: string, payload: unknown): MessageContent {
  if (isBytes(payload)) return { payload };
  const text = jsonTextOf(payload);
  // Not the value that a text may keep: its log would then keep both.
  const value: unknown = JSON.parse(text);
  return readContent(event, value) ?? { payload: Buffer.from(text) };
}

function encodeBytes(bytes: Uint8Array): { text: string } | { base64: string } {
  try {
    return { text: utf8.decode(bytes) };
  } catch {
    const { buffer, byteOffset, byteLength } = bytes;
    return { base64: Buffer.from(buffer, byteOffset, byteLength).toString("base64") };
  }
}

/** Reads what {@link encodeContent} writes; undefined for anything else. */
function readContent(event: string, value: unknown): MessageContent | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const members = Object.keys(value);
  const { text, base64, type, sequence, inreplyto }: Members = value;
  if (members.length === 1 && typeof text === "string") return { payload: Buffer.from(text) };
  if (event !== MESSAGE || members.some((member) => !MEMBERS.has(member))) return undefined;
  if (members.length === 0) return NO_PAYLOAD;
  const said = decodeBytes(text, base64);
  if (said === undefined || !isOtherType(type)) return undefined;
  if (!isBelow(1, sequence) || !isBelow(0, inreplyto)) return undefined;
  return { ...said, type, sequence, inreplyto };
}

function decodeBytes(text: unknown, base64: unknown): MessageContent | undefined {
  if (base64 === undefined) {
    return typeof text === "string" ? { payload: Buffer.from(text) } : undefined;
  }
  if (text !== undefined) return undefined;
  if (base64 === null) return NO_PAYLOAD;
  if (typeof base64 !== "string") return undefined;
  const payload = Buffer.from(base64, "base64");
  return payload.toString("base64") === base64 ? { payload } : undefined;
}

function isOtherType(type: unknown): type is string | undefined {
  return type === undefined || (typeof type === "string" && !isLoggedType(type));
}

function isBelow(limit: number, value: unknown): value is number | undefined {
  return value === undefined || (Number.isSafeInteger(value) && Number(value) < limit);
}
