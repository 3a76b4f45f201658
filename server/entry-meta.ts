/** What a message of a log says of itself besides its event and payload. */
export interface Marks {
  /** Its number in the room's log. */
  readonly offset: number;
  /** Presence key of its sender; undefined for server code and backends. */
  readonly sender?: string;
  /** Its number among its sender's messages. */
  readonly sequence?: number;
  /** The `sequence` that it answers. */
  readonly inReplyTo?: number;
  /** What it is; without one it is data. */
  readonly type?: string;
  /** When it was logged, in ms since 1970. */
  readonly atMs: number;
}

/**
 * The meta of an event that is in a room's log: what a native client gets beside `room`. Being of
 * this class, it cannot be mistaken for what server code or another node says.
 */
export class EntryMeta {
  /** The room that keeps the log. */
  readonly room: string;
  /** Its number in the room's log. */
  readonly offset: number;
  /** Presence key of its sender, if that one numbers its messages; `author` knows it in any case. */
  readonly sender: string | undefined;
  /** Its number among its sender's messages. */
  readonly sequence: number | undefined;
  /** The `sequence` that it answers. */
  readonly inreplyto: number | undefined;
  /** What it is; without one it is data. */
  readonly type: string | undefined;
  /** What is no part of the meta that clients get. */
  readonly #author: string | undefined;
  readonly #atMs: number;

  constructor(room: string, marks: Marks) {
    const { offset, sender, sequence, inReplyTo, type } = marks;
    this.room = room;
    this.offset = offset;
    this.sender = sequence === undefined ? undefined : sender;
    this.sequence = sequence;
    this.inreplyto = inReplyTo;
    this.type = type;
    this.#author = sender;
    this.#atMs = marks.atMs;
  }

  /** Presence key of its sender, also where it numbers nothing; undefined for server code. */
  get author(): string | undefined {
    return this.#author;
  }

  /** When it was logged, in ms since 1970. */
  get atMs(): number {
    return this.#atMs;
  }
}

/**
 * What a log says of a message, as JSON text of fields to be put beside those of a payload:
 * `"_offset":7`, and `_sender`, `_sequence`, `_inreplyto` and `_type` where the message has them.
 */
export function markText(meta: EntryMeta): string {
  const { offset, sender, sequence, inreplyto, type } = meta;
  const text = `"_offset":${offset}`;
  if (sequence === undefined && inreplyto === undefined && type === undefined) return text;
  const marks = { _sender: sender, _sequence: sequence, _inreplyto: inreplyto, _type: type };
  return `${text},${JSON.stringify(marks).slice(1, -1)}`;
}
