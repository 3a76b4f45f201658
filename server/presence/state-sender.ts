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

/** Parts that are sent in one go, to one node: 1 MiB. */
const PARTS_AT_ONCE = 16;
/** A pause after that, so that nobody's buffers run over. */
const PAUSE_MS = 10;
/** Nodes that are answered at once; the others ask again. */
const MAX_ANSWERS = 256;

/** Sends all that this node has to those who ask, in parts and at a bearable speed. */
export class StateSender {
  readonly #context: StateSenderContext;
  readonly #answers = new Map<string, Answer>();
  #cancel: (() => void) | undefined;

  constructor(context: StateSenderContext) {
    this.#context = context;
  }

  /** Answers one node. A new question takes the place of its former one. */
  answer(to: string, nonce: string, snapshot: Snapshot): void {
    if (this.#answers.size >= MAX_ANSWERS && !this.#answers.has(to)) return;
    const answer: Answer = { to, nonce, snapshot, next: 0 };
    this.#answers.set(to, answer);
    this.#sendSome(answer);
    this.#schedule();
  }

  /** Sends nothing more. Harmless when repeated. */
  stop(): void {
    this.#answers.clear();
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(): void {
    if (this.#answers.size === 0) return;
    this.#cancel ??= this.#context.clock.after(PAUSE_MS, () => {
      this.#cancel = undefined;
      for (const answer of [...this.#answers.values()]) this.#sendSome(answer);
      this.#schedule();
    });
  }

  #sendSome(answer: Answer): void {
    const { to, nonce, snapshot } = answer;
    const end = Math.min(answer.next + PARTS_AT_ONCE, snapshot.parts.length);
    for (; answer.next < end; answer.next += 1) {
      this.#context.send(to, nonce, snapshot, answer.next);
    }
    if (end === snapshot.parts.length) this.#answers.delete(to);
  }
}
