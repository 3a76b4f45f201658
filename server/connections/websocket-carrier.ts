import type { Duplex } from "node:stream";
import { WebSocket } from "ws";
import { type Close, closes } from "../codes.ts";
import type { Held } from "./batch.ts";
import type { Carrier, CarrierContext } from "./carrier.ts";
import type { Message } from "./message.ts";
import type { Sequence } from "./sequence.ts";

/**
 * Carries a connection's messages over a raw WebSocket.
 *
 * Frames are complete and uncompressed, so they are written to the TCP stream itself: a broadcast's
 * bytes are shared by all its recipients, and the writes of one turn go out together.
 */
export class WebSocketCarrier implements Carrier, Held {
  readonly name = "websocket";
  readonly carriesBytes = true;
  readonly noticesAbsence = false;
  readonly #webSocket: WebSocket;
  readonly #stream: Duplex;
  readonly #context: CarrierContext;
  /** What waits for the end of this turn. */
  #held: Sequence | undefined;

  constructor(webSocket: WebSocket, stream: Duplex, context: CarrierContext) {
    this.#webSocket = webSocket;
    this.#stream = stream;
    this.#context = context;
  }

  get waitingBytes(): number {
    return (this.#held?.byteLength ?? 0) + this.#stream.writableLength;
  }

  /** What is only held back for the end of this turn does not wait for the reader. */
  get isBehind(): boolean {
    return this.#stream.writableNeedDrain;
  }

  /** Only notes the frame: the socket is not touched before the end of the turn. */
  send({ frame }: Message): void {
    const { batch, maxBacklogBytes } = this.#context;
    // What is only held back for the end of this turn does not wait for the reader.
    if ((this.#held?.byteLength ?? 0) + frame.byteLength > maxBacklogBytes) this.release();
    if (this.#held === undefined) batch.add(this);
    this.#held = (this.#held ?? batch.nothing).with(frame);
  }

  /** Writes what has waited; called by the batch at the end of the turn. */
  release(): void {
    const held = this.#held;
    this.#held = undefined;
    // After a close frame, nothing may follow.
    if (held === undefined || this.#webSocket.readyState !== WebSocket.OPEN) return;
    if (this.#isBacklogged(held.byteLength)) {
      this.close(closes.slow_reader);
      this.#context.onSlowReader();
    } else {
      held.writeTo(this.#stream);
    }
  }

  ping(): void {
    if (this.#webSocket.readyState === WebSocket.OPEN) this.#webSocket.ping();
  }

  close(close: Close): void {
    this.release();
    if (this.#webSocket.readyState === WebSocket.OPEN) {
      this.#webSocket.close(close.code, close.reason);
    }
  }

  destroy(): void {
    this.#webSocket.terminate();
  }

  /** Whether `byteLength` more would exceed what may wait. Where nothing waits, any amount may. */
  #isBacklogged(byteLength: number): boolean {
    const waitingBytes = this.#stream.writableLength;
    return waitingBytes > 0 && waitingBytes + byteLength > this.#context.maxBacklogBytes;
  }
}
