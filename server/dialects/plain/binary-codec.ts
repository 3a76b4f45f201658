import { isUtf8 } from "node:buffer";
import { MESSAGE } from "../../rooms/own-events.ts";
import type { ClientFrame } from "./codec.ts";

/** Ends the head of a binary frame. JSON text holds none. */
const NEWLINE = 0x0a;
const BRACE = "{".charCodeAt(0);

/**
 * Reads a binary frame: a head of JSON text that names the room, a newline, and the bytes. Any other
 * is a message without a room.
 */
export function decodeBinary(data: Buffer): ClientFrame {
  const end = data[0] === BRACE ? data.indexOf(NEWLINE) : -1;
  const head = end === -1 ? undefined : parseHead(data.subarray(0, end));
  if (head === undefined) return { kind: "roomless", payload: data, id: undefined };
  const { _room, _event = MESSAGE, _id } = head;
  return { kind: "message", room: _room, event: _event, payload: data.subarray(end + 1), id: _id };
}

/** Makes a binary frame of its head and its bytes. */
export function encodeBinary(head: object, bytes: Uint8Array): Uint8Array {
  return withHead(JSON.stringify(head), bytes);
}

/** Makes a binary frame of its head as JSON text, without line breaks, and its bytes. */
export function withHead(head: string, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${head}\n`), bytes]);
}

interface Head {
  readonly _room: unknown;
  readonly _event?: unknown;
  readonly _id?: unknown;
}

function parseHead(text: Buffer): Head | undefined {
  if (!isUtf8(text)) return undefined;
  let head: unknown;
  try {
    head = JSON.parse(text.toString());
  } catch {
    return undefined;
  }
  return typeof head === "object" && head !== null && "_room" in head ? head : undefined;
}
