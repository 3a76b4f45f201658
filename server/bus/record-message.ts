import { RECORDS_CHANNEL } from "./record-scripts.ts";
import type { Seal } from "./seal.ts";

/** What a node hears of a record: its text, or undefined where it was removed. */
export interface RecordMessage {
  readonly key: string;
  readonly text: string | undefined;
}

const NEWLINE = 0x0a;
const WRITTEN = 0x2b;
const REMOVED = 0x2d;

/** What is said before the text of a record that was written, its seal first. */
export function writtenHead(seal: Seal, key: string, text: string): string {
  const head = `${JSON.stringify(key)}\n+`;
  return seal.of(RECORDS_CHANNEL, head, text) + head;
}

/** What is said of a record that was removed. */
export function removedMessage(seal: Seal, key: string): string {
  return seal.close(RECORDS_CHANNEL, `${JSON.stringify(key)}\n-`);
}

/**
 * Reads what a node hears of a record: a seal, its key as JSON text, a line break, and `+` with the
 * record's text or `-`.
 *
 * @throws Error if it is none, or of no node
 */
export function decodeRecordMessage(sealed: Buffer, seal: Seal): RecordMessage {
  const message = seal.open(RECORDS_CHANNEL, sealed);
  if (message === undefined) throw new Error("sealed by no node");
  const end = message.indexOf(NEWLINE);
  const key: unknown = JSON.parse(message.toString("utf8", 0, Math.max(end, 0)));
  if (typeof key !== "string") throw new Error("a key is none");
  const kind = message[end + 1];
  if (kind === WRITTEN) return { key, text: message.toString("utf8", end + 2) };
  if (kind !== REMOVED) throw new Error("neither written nor removed");
  return { key, text: undefined };
}
