import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import { type Close, closes } from "../codes.ts";
import type { Batch } from "./batch.ts";
import type { Carrier } from "./carrier.ts";
import type { Message } from "./message.ts";

/** What a WebSocket carrier needs of its surroundings. */
export interface WebSocketCarrierContext {
  readonly batch: Batch;
  /** Most that may wait for this reader, in bytes. */
  readonly maxBacklogBytes: number;
  /** Called once, when the reader is closed for being too slow. */
  readonly onSlowReader: () => void;
}

/**
 * Carries a connection's messages over a raw WebSocket.
 *
 * Frames are complete and uncompressed, so they are written to the TCP stream itself: a broadcast's
 * bytes are shared by all its recipients, and the writes of one turn go out together.
 */
export class WebSocketCarrier implements Carrier {
  readonly name = "websocket";
  readonly #webSocket: WebSocket;
  readonly #stream: Duplex;
  readonly #context: WebSocketCarrierContext;

  constructor(webSocket: WebSocket, stream: Duplex, context: WebSocketCarrierContext) {
    this.#webSocket = webSocket;
    this.#stream = stream;
    this.#context = context;
  }

  send(message: Message): void {
    if (this.#webSocket.readyState !== WebSocket.OPEN) return;
    const frame = message.frame;
    if (this.#isBacklogged(frame.byteLength)) {
      this.close(closes.slow_reader);
      this.#context.onSlowReader();
      return;
    }
    this.#context.batch.hold(this.#stream);
    this.#stream.write(frame);
  }

  close(close: Close): void {
    if (this.#webSocket.readyState === WebSocket.OPEN) {
      this.#webSocket.close(close.code, close.reason);
    }
  }

  destroy(): void {
    this.#webSocket.terminate();
  }

  /** Whether `byteLength` more would exceed what may wait. One message alone always may. */
  #isBacklogged(byteLength: number): boolean {
    const stream = this.#stream;
    const { maxBacklogBytes } = this.#context;
    if (stream.writableLength + byteLength <= maxBacklogBytes) return false;
    // What is only held back for the end of this turn does not wait for the reader.
    while (stream.writableCorked > 0) stream.uncork();
    return stream.writableLength > 0 && stream.writableLength + byteLength > maxBacklogBytes;
  }
}
