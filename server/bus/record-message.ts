/** What a node hears of a record: its text, or undefined where it was removed. */
export interface RecordMessage {
  readonly key: string;
  readonly text: string | undefined;
}

const NEWLINE = 0x0a;
const WRITTEN = 0x2b;
const REMOVED = 0x2d;

/**
 * Reads what a node hears of a record: its key as JSON text, a line break, and `+` with the
 * record's text or `-`.
 *
 * @throws Error if it is none
 */
export function decodeRecordMessage(message: Buffer): RecordMessage {
  const end = message.indexOf(NEWLINE);
  const key: unknown = JSON.parse(message.toString("utf8", 0, Math.max(end, 0)));
  if (typeof key !== "string") throw new Error("a key is none");
  const kind = message[end + 1];
  if (kind === WRITTEN) return { key, text: message.toString("utf8", end + 2) };
  if (kind !== REMOVED) throw new Error("neither written nor removed");
  return { key, text: undefined };
}
