import type { Clock } from "../clock.ts";
import type { Snapshot } from "./own-presences.ts";

/** Who asked, and what is under way to it. */
interface Answer {
  readonly to: string;
  readonly nonce: string;
  readonly snapshot: Snapshot;
  next: number;
}

/** What the sending of states needs of its surroundings. */
export interface StateSenderContext {
  readonly clock: Clock;
  /** Sends one part of an answer. */
  readonly send: (to: string, nonce: string, snapshot: Snapshot, part: number) => void;
}

/** Parts that are sent in one go, to all who have asked: 1 MiB. */
const PARTS_AT_ONCE = 16;
/** A pause after that, so that nobody's buffers run over, and who asks again and again gets no more. */
const PAUSE_MS = 10;
/** Nodes that are answered at once; the others ask again. */
const MAX_ANSWERS = 256;

/** Sends all that this node has to those who ask, in parts and at a bearable speed. */
export class StateSender {
  readonly #context: StateSenderContext;
  readonly #answers = new Map<string, Answer>();
  /** Parts that may go before the next pause is over. */
  #left = PARTS_AT_ONCE;
  #cancel: (() => void) | undefined;

  constructor(context: StateSenderContext) {
    this.#context = context;
  }

  /** Answers one node. A new question takes the place of its former one. */
  answer(to: string, nonce: string, snapshot: Snapshot): void {
    if (this.#answers.size >= MAX_ANSWERS && !this.#answers.has(to)) return;
    this.#answers.set(to, { to, nonce, snapshot, next: 0 });
    this.#sendSome();
  }

  /** Sends nothing more. Harmless when repeated. */
  stop(): void {
    this.#answers.clear();
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Sends a part to each in turn, as many as go at once, and goes on after a pause. */
  #sendSome(): void {
    for (const answer of this.#answers.values()) {
      if (this.#left === 0) break;
      this.#left -= 1;
      this.#sendPart(answer);
    }
    this.#cancel ??= this.#context.clock.after(PAUSE_MS, () => {
      this.#cancel = undefined;
      this.#left = PARTS_AT_ONCE;
      if (this.#answers.size > 0) this.#sendSome();
    });
  }

  #sendPart(answer: Answer): void {
    const { to, nonce, snapshot } = answer;
    this.#context.send(to, nonce, snapshot, answer.next);
    answer.next += 1;
    // Behind the others, if there is more to send.
    this.#answers.delete(to);
    if (answer.next < snapshot.parts.length) this.#answers.set(to, answer);
  }
}
