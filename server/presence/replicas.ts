import type { Head } from "./message.ts";
import { Replica, type Shown } from "./replica.ts";

/** Those who have spoken, and have not answered yet. */
const MAX_STRANGERS = 256;
/** Silence after which a run of a node can be replaced by one that seems to be older. */
const DOUBTFUL_TICKS = 3;

/** The other nodes that this one knows. */
export class Replicas {
  readonly #shown: Shown;
  readonly #known = new Map<string, Replica>();
  readonly #strangers = new Map<string, Replica>();

  constructor(shown: Shown) {
    this.#shown = shown;
  }

  /** How many nodes have shown that they are there. */
  get size(): number {
    return this.#known.size;
  }

  /** The node with this id, if it is known or has spoken. */
  of(id: string): Replica | undefined {
    return this.#known.get(id) ?? this.#strangers.get(id);
  }

  /** The node that speaks: a stranger, if it is new. Of too many strangers the oldest is forgotten. */
  at(head: Head): Replica {
    const known = this.of(head.id);
    if (known !== undefined) return known;
    const [oldest] = this.#strangers.keys();
    if (oldest !== undefined && this.#strangers.size >= MAX_STRANGERS) {
      this.#strangers.delete(oldest);
    }
    const stranger = new Replica(head, this.#shown);
    this.#strangers.set(head.id, stranger);
    return stranger;
  }

  /** Takes a node that has answered among the known ones. */
  accept(replica: Replica): void {
    this.#strangers.delete(replica.id);
    this.#known.set(replica.id, replica);
  }

  /** Takes away a node and its presences. */
  forget(id: string): void {
    this.of(id)?.drop();
    this.#known.delete(id);
    this.#strangers.delete(id);
  }

  /** Takes away the former runs of a node that has been started again. */
  replaceFormer(replica: Replica): void {
    for (const other of [...this.#known.values()]) {
      if (other === replica || other.name !== replica.name) continue;
      if (isNewer(replica, other) || other.silentTicks >= DOUBTFUL_TICKS) this.forget(other.id);
    }
  }

  /** All of them, strangers too. */
  all(): Replica[] {
    return [...this.#known.values(), ...this.#strangers.values()];
  }

  /**
   * Counts silence, and takes away those that have been silent for too long.
   *
   * @param isHearing whether anybody would have been heard
   */
  tick(isHearing: boolean, maxSilentTicks: number): void {
    for (const replica of this.all()) {
      replica.tick(isHearing);
      if (replica.silentTicks > maxSilentTicks) this.forget(replica.id);
    }
  }
}

/** Whether one run of a node was started after another. */
export function isNewer(
  one: Pick<Head, "id" | "startedAtMs">,
  other: Pick<Head, "id" | "startedAtMs">,
): boolean {
  if (one.startedAtMs !== other.startedAtMs) return one.startedAtMs > other.startedAtMs;
  return one.id > other.id;
}
