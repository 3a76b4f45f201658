import type { ServerResponse } from "node:http";
import type { Clock } from "../clock.ts";
import type { Close } from "../codes.ts";
import type { Held } from "./batch.ts";
import type { Carrier, CarrierContext } from "./carrier.ts";
import type { Message } from "./message.ts";

/** What an event stream's carrier needs of its surroundings. */
export interface EventStreamCarrierContext extends CarrierContext {
  readonly clock: Clock;
  /** The text that tells a client of a close, if it is told. */
  readonly farewell: (close: Close) => string | undefined;
  /** Called once, when the connection is closed before its answer has begun. */
  readonly onUnanswered: (close: Close) => void;
}

/** Shorter than what proxies wait for. */
const PING_MS = 20_000;
const PING = Buffer.from(": ping\n\n");
/** How long a client may take to read the end. */
const END_MS = 10_000;

/**
 * Carries a connection's messages in one HTTP answer that goes on.
 *
 * Others answer: nothing is written before the head is.
 */
export class EventStreamCarrier implements Carrier, Held {
  readonly name = "event-stream";
  readonly carriesBytes = false;
  readonly noticesAbsence = true;
  readonly #response: ServerResponse;
  readonly #context: EventStreamCarrierContext;
  readonly #stopPings: () => void;
  #stopEnd: () => void = () => {};
  /** What waits for the end of this turn. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #isOver: boolean = false;

  constructor(response: ServerResponse, context: EventStreamCarrierContext) {
    this.#response = response;
    this.#context = context;
    this.#stopPings = context.clock.every(PING_MS, () => this.ping());
    response.once("close", () => this.#gone());
  }

  get waitingBytes(): number {
    return this.#heldBytes + this.#response.writableLength;
  }

  get isBehind(): boolean {
    return this.#response.socket?.writableNeedDrain === true;
  }

  send({ data }: Message): void {
    this.#hold(typeof data === "string" ? Buffer.from(data) : data);
  }

  /** Writes what has waited; called by the batch at the end of the turn. */
  release(): void {
    const bytes = Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    if (bytes.byteLength === 0 || !this.#isWritable) return;
    if (this.#isBacklogged(bytes.byteLength)) {
      this.destroy();
      this.#context.onSlowReader();
    } else {
      this.#write(bytes);
    }
  }

  /** A comment: a sign of life for proxies, to which nobody answers. */
  ping(): void {
    if (this.#isWritable) this.#hold(PING);
  }

  close(close: Close): void {
    if (this.#isOver) return;
    this.release();
    if (this.#isOver) return;
    this.#stop();
    if (!this.#response.headersSent) this.#context.onUnanswered(close);
    else if (!this.#response.writableEnded) this.#response.end(this.#context.farewell(close));
    if (this.#response.destroyed) return;
    this.#stopEnd = this.#context.clock.after(END_MS, () => this.#response.destroy());
  }

  destroy(): void {
    this.#stop();
    this.#stopEnd();
    this.#response.destroy();
  }

  get #isWritable(): boolean {
    const { headersSent, writableEnded, destroyed } = this.#response;
    return !this.#isOver && headersSent && !writableEnded && !destroyed;
  }

  #hold(bytes: Uint8Array): void {
    if (this.#isOver) return;
    // What is only held back for the end of this turn does not wait for the reader.
    if (this.#heldBytes + bytes.byteLength > this.#context.maxBacklogBytes) this.release();
    if (this.#held.length === 0) this.#context.batch.add(this);
    this.#held.push(bytes);
    this.#heldBytes += bytes.byteLength;
  }

  /** Whether `byteLength` more would exceed what may wait. Where nothing waits, any amount may. */
  #isBacklogged(byteLength: number): boolean {
    const { writableLength } = this.#response;
    return writableLength > 0 && writableLength + byteLength > this.#context.maxBacklogBytes;
  }

  /** At once: Node would keep it until the next tick, and it would count as waiting. */
  #write(bytes: Uint8Array): void {
    const { socket } = this.#response;
    socket?.cork();
    this.#response.write(bytes);
    socket?.uncork();
  }

  #gone(): void {
    this.#stopEnd();
    if (this.#isOver) return;
    this.#stop();
    this.#context.onGone("transport close");
  }

  #stop(): void {
    this.#isOver = true;
    this.#held = [];
    this.#heldBytes = 0;
    this.#stopPings();
  }
}
