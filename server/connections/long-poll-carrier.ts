import type { Clock } from "../clock.ts";
import { type Close, closes } from "../codes.ts";
import type { Held } from "./batch.ts";
import type { Carrier, CarrierContext } from "./carrier.ts";
import type { Message } from "./message.ts";

/** Without a poll for this many windows, the client has gone. */
const WINDOWS_UNTIL_INACTIVE = 1.5;

/** As much as a stream takes before it asks its writer to wait. */
const MAX_BYTES_IN_A_GAP = 16_384;

/** Takes the answer to a poll: messages as JSON strings, or none if there were none. */
export type PollAnswer = (messages: readonly Buffer[]) => void;

/** What a long-poll carrier needs of its surroundings. */
export interface LongPollCarrierContext extends CarrierContext {
  readonly clock: Clock;
  /** How long a poll waits for messages. */
  readonly windowMs: number;
}

interface Poll {
  readonly answer: PollAnswer;
  readonly stopWindow: () => void;
}

/**
 * Carries a connection's messages to a client that asks for them again and again.
 *
 * Messages wait between two polls, and all that wait go out with one. Each poll is answered once.
 */
export class LongPollCarrier implements Carrier, Held {
  readonly name = "polling";
  readonly carriesBytes = false;
  readonly noticesAbsence = true;
  readonly #context: LongPollCarrierContext;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #poll: Poll | undefined;
  #stopAbsence: () => void;
  #isHeld: boolean = false;
  #isOver: boolean = false;

  constructor(context: LongPollCarrierContext) {
    this.#context = context;
    this.#stopAbsence = this.#watchAbsence();
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** That it waits a little between two polls is no delay. */
  get isBehind(): boolean {
    return this.#poll === undefined && this.#waitingBytes > MAX_BYTES_IN_A_GAP;
  }

  /** Whether nothing will follow what is being answered. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Waits for messages on behalf of a request. The newest request is the one that gets them: an
   * older one is answered at once, with none.
   *
   * @returns a function that gives up because the request has been cut off
   */
  poll(answer: PollAnswer): () => void {
    const older = this.#poll;
    if (older !== undefined) {
      this.#endPoll(older);
      older.answer([]);
    }
    if (this.#waiting.length > 0) {
      this.#restartAbsence();
      answer(this.#take());
      return () => {};
    }
    this.#stopAbsence();
    const stopWindow = this.#context.clock.after(this.#context.windowMs, () => this.#answer());
    const poll = { answer, stopWindow };
    this.#poll = poll;
    return () => {
      if (this.#poll === poll) this.#endPoll(poll);
    };
  }

  send(message: Message): void {
    if (this.#isOver || typeof message.data !== "string") return;
    const item = message.jsonItem;
    if (this.#isBacklogged(item.byteLength)) {
      this.close(closes.slow_reader);
      this.#context.onSlowReader();
      return;
    }
    this.#waiting.push(item);
    this.#waitingBytes += item.byteLength;
    if (this.#poll === undefined || this.#isHeld) return;
    this.#isHeld = true;
    this.#context.batch.add(this);
  }

  /** Called by the batch at the end of the turn. */
  release(): void {
    this.#isHeld = false;
    if (this.#waiting.length > 0) this.#answer();
  }

  /** Its requests are its signs of life; there is nothing to ask. */
  ping(): void {}

  /** The client finds out with its next request, which belongs to no session any more. */
  close(_close: Close): void {
    this.#isOver = true;
    this.#answer();
    this.#end();
  }

  destroy(): void {
    this.#waiting = [];
    this.close(closes.server_disconnect);
  }

  /** Answers the request that waits, if one does. */
  #answer(): void {
    const poll = this.#poll;
    if (poll === undefined) return;
    this.#endPoll(poll);
    poll.answer(this.#take());
  }

  #endPoll(poll: Poll): void {
    poll.stopWindow();
    this.#poll = undefined;
    this.#restartAbsence();
  }

  #take(): readonly Buffer[] {
    const taken = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    return taken;
  }

  /** Whether `byteLength` more would exceed what may wait. One message alone always may. */
  #isBacklogged(byteLength: number): boolean {
    const { maxBacklogBytes } = this.#context;
    if (this.#waitingBytes + byteLength <= maxBacklogBytes) return false;
    // What is only held back for the end of this turn does not wait for the reader.
    this.#answer();
    return this.#waitingBytes > 0;
  }

  #restartAbsence(): void {
    this.#stopAbsence();
    if (!this.#isOver) this.#stopAbsence = this.#watchAbsence();
  }

  #watchAbsence(): () => void {
    const { clock, windowMs } = this.#context;
    return clock.after(windowMs * WINDOWS_UNTIL_INACTIVE, () => {
      this.#end();
      this.#context.onGone("inactive");
    });
  }

  #end(): void {
    this.#isOver = true;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#stopAbsence();
  }
}
