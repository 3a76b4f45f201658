import type { Presences } from "../rooms/presences.ts";
import type { Entry, Head, MessageOf } from "./message.ts";

/** Where the presences of other nodes are shown. */
export type Shown = Pick<Presences, "add" | "remove">;

type Delta = MessageOf<"delta">;
type StatePart = MessageOf<"state">;

/** An answer that is coming in. */
interface Answer {
  readonly nonce: string;
  readonly parts: Map<number, StatePart>;
}

/** Where a presence is shown. */
interface Place {
  readonly room: string;
  readonly key: string;
}

/** Changes that may wait for one that came too late: those of a few seconds. */
const MAX_EARLY = 100;
/** An answer is asked for again when nothing of it has come for so many ticks. */
const PATIENCE_TICKS = 2;

/**
 * What this node knows of the presences of one other node. Nothing of it is shown before that node
 * has answered a question, which a stranger that only talks cannot do.
 */
export class Replica {
  /** The node's id, which it makes anew at each start. */
  readonly id: string;
  /** When the node started, by its own clock, in ms since 1970. */
  readonly startedAtMs: number;
  /** The node's name, as it last gave it. */
  name: string;
  /** Ticks in which nothing was heard of the node. */
  silentTicks = 0;
  readonly #shown: Shown;
  /** Where the node's presences are, by `phx_ref`. */
  readonly #places = new Map<string, Place>();
  readonly #early = new Map<number, Delta>();
  #number = 0;
  /** The latest change that the node has spoken of. */
  #claimed = 0;
  #isProven: boolean = false;
  #answer: Answer | undefined;
  #waitedTicks = 0;
  #wasAskedInTick: boolean = false;

  constructor({ id, name, startedAtMs }: Head, shown: Shown) {
    this.id = id;
    this.name = name;
    this.startedAtMs = startedAtMs;
    this.#shown = shown;
  }

  /** Whether the node has answered a question. */
  get isProven(): boolean {
    return this.#isProven;
  }

  /** Whether the node is to be asked for all it has. */
  get isToBeAsked(): boolean {
    const isBehind = !this.#isProven || this.#claimed > this.#number;
    if (this.#wasAskedInTick) return false;
    return isBehind && (this.#answer === undefined || this.#waitedTicks > PATIENCE_TICKS);
  }

  /** Notes that it has been asked. */
  asked(nonce: string): void {
    this.#answer = { nonce, parts: new Map() };
    this.#waitedTicks = 0;
    this.#wasAskedInTick = true;
  }

  /** Takes what every message says. */
  heard({ name, number }: Head): void {
    this.silentTicks = 0;
    this.name = name;
    this.#claimed = Math.max(this.#claimed, number);
  }

  /** @param isHearing whether the node would have been heard, had it said anything */
  tick(isHearing: boolean): void {
    this.#waitedTicks += 1;
    this.#wasAskedInTick = false;
    if (isHearing) this.silentTicks += 1;
  }

  /** Takes a change, at once if it is the next one. One that is known already changes nothing. */
  takeDelta(delta: Delta): void {
    const isAnswering = this.#answer !== undefined && this.#answer.parts.size > 0;
    if (!this.#isProven && !isAnswering) return;
    if (this.#early.size < MAX_EARLY) this.#early.set(delta.number, delta);
    this.#takeEarly();
  }

  /**
   * Takes a part of an answer that was asked for. With the last one, all that the node has is as
   * the answer says.
   */
  takeState(part: StatePart): void {
    const answer = this.#answer;
    if (answer?.nonce !== part.nonce) return;
    this.#waitedTicks = 0;
    answer.parts.set(part.part, part);
    if (answer.parts.size < part.parts) return;
    this.#answer = undefined;
    this.#isProven = true;
    if (part.number >= this.#number) this.#becomes([...answer.parts.values()], part.number);
    this.#takeEarly();
    // What is still early has a gap before it: the next beat says whether something is missing.
    this.#early.clear();
    this.#claimed = this.#number;
  }

  /** Takes away all its presences. */
  drop(): void {
    for (const ref of [...this.#places.keys()]) this.#hide(ref);
  }

  #takeEarly(): void {
    if (!this.#isProven) return;
    for (;;) {
      const delta = this.#early.get(this.#number + 1);
      if (delta === undefined) break;
      this.#number = delta.number;
      for (const entry of delta.joins) this.#show(entry);
      for (const ref of delta.leaves) this.#hide(ref);
      this.#early.delete(delta.number);
    }
    for (const number of this.#early.keys()) {
      if (number <= this.#number) this.#early.delete(number);
    }
  }

  /** Shows what differs, and nothing else. */
  #becomes(parts: readonly StatePart[], number: number): void {
    this.#number = number;
    const entries = parts.flatMap(({ presences }) => presences);
    const present = new Set(entries.map(([, , meta]) => meta.phx_ref));
    for (const ref of [...this.#places.keys()]) {
      if (!present.has(ref)) this.#hide(ref);
    }
    for (const entry of entries) this.#show(entry);
  }

  #show([room, key, meta]: Entry): void {
    const ref = meta.phx_ref;
    if (this.#places.has(ref) || !this.#shown.add(room, key, meta)) return;
    this.#places.set(ref, { room, key });
  }

  #hide(ref: string): void {
    const place = this.#places.get(ref);
    if (place === undefined) return;
    this.#places.delete(ref);
    this.#shown.remove(place.room, place.key, ref);
  }
}
