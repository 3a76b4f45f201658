import { JsonText } from "../json-text.ts";
import { type Draft, type Entry, payloadBytes } from "../rooms/log/entry.ts";
import type { Page } from "../rooms/log/log-store.ts";
import { isName } from "../rooms/names.ts";
import { payloadKind } from "../rooms/payload.ts";
import { placeSeal, placeWord } from "./log-seal.ts";
import type { Seal } from "./seal.ts";

/** An entry with those whom it leaves out: Socket.IO rooms. */
export interface StoredEntry extends Entry {
  readonly except: readonly string[];
}

/** What a node hears of a log. */
export interface LogMessage {
  readonly room: string;
  readonly epoch: string;
  readonly entry: StoredEntry;
}

/** What stands beside a payload. Redis and the nodes of one server are the only ones to write it. */
interface Head extends Omit<Draft, "payload"> {
  readonly isBytes: boolean;
  readonly except: readonly string[];
}

const NEWLINE = 0x0a;

/** What stands beside the payload, as JSON text. */
export function encodeHead({ payload, ...draft }: Draft, except: readonly string[]): string {
  const head: Head = { ...draft, isBytes: !(payload instanceof JsonText), except };
  return JSON.stringify(head);
}

/** A payload as bytes. */
export function encodeLogPayload(payload: Draft["payload"]): Buffer {
  if (payload instanceof JsonText) return Buffer.from(payload.text);
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
}

/**
 * Reads what a node hears of a log: JSON text, a line break, the payload.
 *
 * @throws Error if it is none, or if no node has appended it at this place
 */
export function decodeLogMessage(message: Buffer, seal: Seal): LogMessage {
  const end = message.indexOf(NEWLINE);
  const said: unknown = JSON.parse(message.toString("utf8", 0, end));
  if (!isSaid(said)) throw new Error("no word of a log");
  const { room, epoch, offset, atMs, head } = said;
  const payload = message.subarray(end + 1);
  const word = placeWord(seal, room, JSON.stringify(head), payload);
  if (!seal.fits(said.seal, placeSeal(word, said))) throw new Error("sealed by no node");
  const entry = toEntry({ offset, atMs, head, payload });
  return { room, epoch, entry };
}

/** What stands before the payload. */
interface Said {
  readonly room: string;
  readonly epoch: string;
  readonly offset: number;
  readonly atMs: number;
  readonly head: Head;
  readonly seal: string;
}

function isSaid(said: unknown): said is Said {
  if (typeof said !== "object" || said === null) return false;
  const { room, epoch, offset, atMs, head, seal } = said as Readonly<
    Partial<Record<keyof Said, unknown>>
  >;
  const isNamed = typeof room === "string" && typeof epoch === "string" && epoch !== "";
  const isPlaced = isCount(offset) && isCount(atMs) && typeof seal === "string";
  return isNamed && isPlaced && typeof head === "object" && head !== null;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

type StreamItem = readonly [Buffer, readonly Buffer[]];

/** A page with what the stream says of each entry. */
export interface StoredPage extends Page {
  readonly entries: readonly StoredEntry[];
  /** Offset of the last item that was read; undefined where there was none. */
  readonly end: number | undefined;
}

/**
 * Reads what the script of reading gives: epoch, offset, first, and the stream's items. An item that
 * is no entry is left out, so that it keeps nobody from the others.
 *
 * @param onRefused told of each such item
 */
export function decodePage(reply: unknown, onRefused: () => void): StoredPage {
  const [epoch, offset, first, items] = reply as readonly [
    Buffer,
    number,
    number,
    readonly StreamItem[],
  ];
  const entries = items.flatMap((item) => {
    try {
      return [toStoredEntry(item)];
    } catch {
      onRefused();
      return [];
    }
  });
  const last = items.at(-1);
  const end = last === undefined ? undefined : offsetOf(last);
  return { epoch: String(epoch), offset, first, entries, end };
}

/** The entry that a draft has become. */
export function entryOf(draft: Draft, offset: number, atMs: number): Entry {
  return { ...draft, offset, atMs, bytes: payloadBytes(draft.payload) };
}

function offsetOf([id]: StreamItem): number {
  return Number.parseInt(String(id), 10);
}

function toStoredEntry(item: StreamItem): StoredEntry {
  const [, head, , payload = Buffer.alloc(0), , atMs = 0] = item[1];
  return toEntry({
    offset: offsetOf(item),
    atMs: Number(String(atMs)),
    head: JSON.parse(String(head)) as Head,
    payload,
  });
}

/** No member's frame may break because of what somebody writes to Redis. */
function textOf(payload: Buffer): JsonText {
  const text = new JsonText(payload.toString("utf8"));
  if (payloadKind(text) !== "json") throw new Error("a payload is nested too deeply");
  return text;
}

function toEntry(parts: {
  readonly offset: number;
  readonly atMs: number;
  readonly head: Head;
  readonly payload: Buffer;
}): StoredEntry {
  const { isBytes, except, ...draft } = parts.head;
  if (!isName(draft.event) || !isNames(except)) {
    throw new Error("a head is none");
  }
  if (!areMarks(draft)) throw new Error("a head has marks that are none");
  const payload = isBytes ? parts.payload : textOf(parts.payload);
  return { ...entryOf({ ...draft, payload }, parts.offset, parts.atMs), except };
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}

function areMarks({ sender, sequence, inReplyTo, type }: Omit<Draft, "payload">): boolean {
  const areCounts = [sequence, inReplyTo].every((count) => count === undefined || isCount(count));
  const isType = type === undefined || type === "end" || type === "error";
  return areCounts && isType && (sender === undefined || typeof sender === "string");
}
