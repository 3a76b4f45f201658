import { encodeFrame } from "./frame.ts";

/**
 * One encoded message of a dialect, ready for any carrier. A broadcast makes one and gives it to
 * every member, so whatever is derived from it is made once.
 */
export class Message {
  /** Text goes out as a text frame, bytes as a binary frame. */
  readonly data: string | Uint8Array;
  #frame: Buffer | undefined;
  #jsonItem: Buffer | undefined;

  constructor(data: string | Uint8Array) {
    this.data = data;
  }

  /** The whole WebSocket frame of a server, header included. */
  get frame(): Buffer {
    this.#frame ??= encodeFrame(this.data);
    return this.#frame;
  }

  /** The text as a JSON string, quotes included, as it stands in the list of a long-poll answer. */
  get jsonItem(): Buffer {
    this.#jsonItem ??= Buffer.from(JSON.stringify(this.data));
    return this.#jsonItem;
  }
}
