import type { Clock } from "../clock.ts";

/** How often a canary sings, and how long its silence is borne. */
export interface CanaryTimes {
  readonly everyMs: number;
  readonly patienceMs: number;
}

/** Silence is noticed within the sum of both and a quarter of the first: 4.5 s. */
export const CANARY_TIMES: CanaryTimes = { everyMs: 2000, patienceMs: 2000 };

/** One way from this node through Redis back to it. */
export interface CanaryWay {
  readonly name: string;
  /** The server at which the word is heard; undefined where the answer to it is what is awaited. */
  readonly source: unknown;
  /** Sends a word, which is to come back as {@link Canary.heard}. Resolves once Redis has it. */
  send(word: string): Promise<unknown>;
}

/** What a canary needs of its surroundings. */
export interface CanaryContext {
  readonly clock: Clock;
  readonly times: CanaryTimes;
  /** Asked for before each song, since the servers may be others by then. */
  readonly ways: () => readonly CanaryWay[];
  /** Called once, with the reason; the canary has then stopped. */
  readonly onSilence: (reason: string) => void;
}

interface Awaited {
  readonly way: CanaryWay;
  readonly word: string;
  silentTicks: number;
  /** Whether Redis has said that it has it. */
  isSent: boolean;
}

const TICKS_PER_SONG = 4;
/** How much longer is waited where other messages come: ours may be behind them. */
const BUSY_FACTOR = 4;

/**
 * Finds out what no error of a connection tells: that Redis is paused or stopped, or that packets
 * vanish. It sends a word through Redis to itself, again and again.
 *
 * Silence is counted in its own ticks, and not by the clock: a process that was held up has had no
 * chance to hear.
 */
export class Canary {
  readonly #context: CanaryContext;
  readonly #awaited = new Map<string, Awaited>();
  #stopTicking: (() => void) | undefined;
  #ticks = 0;
  #songs = 0;
  /** The servers of which anything at all was heard since the last tick. */
  readonly #talking = new Set<unknown>();

  constructor(context: CanaryContext) {
    this.#context = context;
  }

  /** Begins to sing. Harmless when repeated. */
  start(): void {
    if (this.#stopTicking !== undefined) return;
    const { clock, times } = this.#context;
    this.#ticks = 0;
    const tickMs = Math.max(1, times.everyMs / TICKS_PER_SONG);
    this.#stopTicking = clock.every(tickMs, () => this.#tick(times.patienceMs / tickMs));
  }

  /** Harmless when repeated. */
  stop(): void {
    this.#stopTicking?.();
    this.#stopTicking = undefined;
    this.#awaited.clear();
    this.#talking.clear();
  }

  /** Notes any sign of life of a server on the connection that listens. */
  hears(source: unknown): void {
    this.#talking.add(source);
  }

  /**
   * Takes a word that has come back, or that a stranger has made up.
   *
   * @returns whether it can be its own
   */
  heard(way: string, word: string): boolean {
    const awaited = this.#awaited.get(way);
    if (awaited?.word === word) this.#awaited.delete(way);
    return /^[1-9]\d*$/.test(word) && Number(word) <= this.#songs;
  }

  #tick(maxSilentTicks: number): void {
    const silent = this.#findSilent(maxSilentTicks);
    this.#talking.clear();
    if (silent !== undefined) {
      this.stop();
      this.#context.onSilence(silent.isSent ? `${silent.way.name} is not heard` : "no answer");
      return;
    }
    if (this.#ticks % TICKS_PER_SONG === 0) this.#sing();
    this.#ticks += 1;
  }

  #findSilent(maxSilentTicks: number): Awaited | undefined {
    for (const awaited of this.#awaited.values()) {
      awaited.silentTicks += 1;
      const isBusy = awaited.isSent && this.#talking.has(awaited.way.source);
      if (awaited.silentTicks > maxSilentTicks * (isBusy ? BUSY_FACTOR : 1)) return awaited;
    }
    return undefined;
  }

  #sing(): void {
    for (const way of this.#context.ways()) {
      if (this.#awaited.has(way.name)) continue;
      this.#songs += 1;
      const awaited: Awaited = { way, word: String(this.#songs), silentTicks: 0, isSent: false };
      this.#awaited.set(way.name, awaited);
      way.send(awaited.word).then(
        () => {
          awaited.isSent = true;
        },
        () => {
          // Lost or refused, which its silence tells.
        },
      );
    }
  }
}
