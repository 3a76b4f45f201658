import { type Member, watchArrivals } from "../broadcast.ts";

/** Most messages of one room that may be under way; a sender waits for the oldest. */
const SLOTS = 64;

/**
 * A room that knows when each of its messages has reached the last member. All its messages come
 * from one sender, so that every member gets them in one order.
 */
export class BusyRoom {
  readonly name: string;
  readonly #members: number;
  /** Members that each message has not reached yet, and when it was sent; by number. */
  readonly #missing = new Int32Array(SLOTS);
  readonly #sentAtMs = new Float64Array(SLOTS);
  #sent = 0;
  #complete = 0;
  #delaysMs: number[] = [];

  constructor(name: string, members: readonly Member[]) {
    this.name = name;
    this.#members = members.length;
    watchArrivals(members, (first, end) => this.#arrived(first, end));
  }

  /** Whether as many messages are under way as may be. */
  get isFull(): boolean {
    return this.#sent - this.#complete >= SLOTS;
  }

  /** Whether every message has reached every member. */
  get isQuiet(): boolean {
    return this.#sent === this.#complete;
  }

  /** How many members have not got a message that was sent, over all messages. */
  get missing(): number {
    return this.#missing.reduce((total, missing) => total + missing, 0);
  }

  /** Notes that a message is sent now. */
  note(): void {
    const slot = this.#sent % SLOTS;
    this.#missing[slot] = this.#members;
    this.#sentAtMs[slot] = performance.now();
    this.#sent += 1;
  }

  /** Takes the delays of all messages so far, until the last member had them. */
  takeDelaysMs(): readonly number[] {
    const taken = this.#delaysMs;
    this.#delaysMs = [];
    return taken;
  }

  /** A member has got messages number `first` up to, but not including, `end`. */
  #arrived(first: number, end: number): void {
    if (end > this.#sent) throw new Error(`a message nobody sent came to ${this.name}`);
    for (let message = first; message < end; message += 1) {
      const slot = message % SLOTS;
      const missing = (this.#missing[slot] ?? 0) - 1;
      this.#missing[slot] = missing;
      if (missing > 0) continue;
      this.#complete += 1;
      this.#delaysMs.push(performance.now() - (this.#sentAtMs[slot] ?? 0));
    }
  }
}
