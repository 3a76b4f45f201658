import type { Clock } from "../clock.ts";

/** What is told of one presence. `phx_ref` is unique and opaque. */
export type PresenceMeta = { readonly phx_ref: string } & Readonly<Record<string, unknown>>;

/** Presences by key, in Phoenix's shape. */
export type PresenceState = Record<string, { metas: PresenceMeta[] }>;

/** A change of presences, in Phoenix's shape. Joins are applied before leaves. */
export interface PresenceDiff {
  readonly joins: PresenceState;
  readonly leaves: PresenceState;
}

type Metas = Map<string, PresenceMeta>;

/**
 * Who is in one room: key → metas, as in Phoenix. Changes are gathered for a short time, so that a
 * thousand joins do not become a million frames.
 */
export class Presence {
  readonly #present = new Map<string, Metas>();
  readonly #clock: Clock;
  readonly #windowMs: number;
  readonly #publish: (diff: PresenceDiff) => void;
  #joins = new Map<string, Metas>();
  #leaves = new Map<string, Metas>();
  #cancel: (() => void) | undefined;

  /**
   * @param windowMs how long changes are gathered into one diff
   * @param publish sends a diff to the members of the room
   */
  constructor(clock: Clock, windowMs: number, publish: (diff: PresenceDiff) => void) {
    this.#clock = clock;
    this.#windowMs = windowMs;
    this.#publish = publish;
  }

  /** Adds one presence under its key. */
  track(key: string, meta: PresenceMeta): void {
    put(this.#present, key, meta);
    put(this.#joins, key, meta);
    this.#schedule();
  }

  /** Takes one presence away. Unknown ones are ignored. */
  untrack(key: string, ref: string): void {
    const meta = take(this.#present, key, ref);
    if (meta === undefined) return;
    // A member that joined meanwhile has seen it in its presence_state, so the leave is told even
    // where the join was not.
    take(this.#joins, key, ref);
    put(this.#leaves, key, meta);
    this.#schedule();
  }

  /** Everyone who is present. */
  state(): PresenceState {
    return toState(this.#present);
  }

  /** Drops what has not been told yet. Harmless when repeated. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(): void {
    this.#cancel ??= this.#clock.after(this.#windowMs, () => this.#flush());
  }

  #flush(): void {
    this.#cancel = undefined;
    const diff = { joins: toState(this.#joins), leaves: toState(this.#leaves) };
    this.#joins = new Map();
    this.#leaves = new Map();
    this.#publish(diff);
  }
}

function put(presences: Map<string, Metas>, key: string, meta: PresenceMeta): void {
  const metas = presences.get(key);
  if (metas === undefined) presences.set(key, new Map([[meta.phx_ref, meta]]));
  else metas.set(meta.phx_ref, meta);
}

function take(presences: Map<string, Metas>, key: string, ref: string): PresenceMeta | undefined {
  const metas = presences.get(key);
  const meta = metas?.get(ref);
  metas?.delete(ref);
  if (metas?.size === 0) presences.delete(key);
  return meta;
}

/** `Object.fromEntries` defines own properties, so a key such as `__proto__` is an ordinary one. */
function toState(presences: Map<string, Metas>): PresenceState {
  return Object.fromEntries(
    Array.from(presences, ([key, metas]) => [key, { metas: [...metas.values()] }]),
  );
}
