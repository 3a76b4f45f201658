import type { Clock } from "../clock.ts";

/** What is told of one presence. `phx_ref` is unique and opaque. */
export type PresenceMeta = {
  readonly phx_ref: string;
  /** The `phx_ref` before an update. */
  readonly phx_ref_prev?: string;
} & Readonly<Record<string, unknown>>;

/** Presences by key, in Phoenix's shape. A channel may add members beside `metas`. */
export type PresenceState = Record<
  string,
  { metas: PresenceMeta[] } & Readonly<Record<string, unknown>>
>;

/** A change of presences, in Phoenix's shape. Joins are applied before leaves. */
export interface PresenceDiff {
  readonly joins: PresenceState;
  readonly leaves: PresenceState;
}

/** Adds to presences before they are told. */
export type Decorate = (presences: PresenceState) => PresenceState | Promise<PresenceState>;

/** What presences need of their surroundings. */
export interface PresenceContext {
  readonly clock: Clock;
  /** How long changes are gathered into one diff. */
  readonly windowMs: number;
  /** Sends a diff to the members of the room. */
  readonly publish: (diff: PresenceDiff) => void;
  readonly decorate?: Decorate | undefined;
  /** Takes what `decorate` threw; the presences are then told without it. */
  readonly onError: (error: unknown) => void;
}

type Metas = Map<string, PresenceMeta>;

/**
 * Who is in one room: key → metas, as in Phoenix. Changes are gathered for a short time, so that a
 * thousand joins do not become a million frames.
 */
export class Presence {
  readonly #present = new Map<string, Metas>();
  readonly #context: PresenceContext;
  #joins = new Map<string, Metas>();
  #leaves = new Map<string, Metas>();
  #cancel: (() => void) | undefined;
  /** Diffs whose decoration takes its time are told in their order. */
  #telling: Promise<void> | undefined;

  constructor(context: PresenceContext) {
    this.#context = context;
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

  /** Everyone who is present, without decoration. */
  state(): PresenceState {
    return toState(this.#present);
  }

  /** Everyone who is present, as members are told. */
  told(): PresenceState | Promise<PresenceState> {
    return this.#decorated(this.state());
  }

  /** Drops what has not been told yet. Harmless when repeated. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(): void {
    const { clock, windowMs } = this.#context;
    this.#cancel ??= clock.after(windowMs, () => this.#flush());
  }

  #flush(): void {
    this.#cancel = undefined;
    const joins = this.#decorated(toState(this.#joins));
    const leaves = this.#decorated(toState(this.#leaves));
    this.#joins = new Map();
    this.#leaves = new Map();
    if (this.#telling === undefined && !isPromise(joins) && !isPromise(leaves)) {
      this.#context.publish({ joins, leaves });
      return;
    }
    const telling = this.#tellLater(this.#telling, joins, leaves);
    this.#telling = telling;
    void telling.then(() => {
      if (this.#telling === telling) this.#telling = undefined;
    });
  }

  async #tellLater(
    before: Promise<void> | undefined,
    joins: PresenceState | Promise<PresenceState>,
    leaves: PresenceState | Promise<PresenceState>,
  ): Promise<void> {
    await before;
    this.#context.publish({ joins: await joins, leaves: await leaves });
  }

  #decorated(presences: PresenceState): PresenceState | Promise<PresenceState> {
    const { decorate, onError } = this.#context;
    if (decorate === undefined || Object.keys(presences).length === 0) return presences;
    const plain = (error: unknown): PresenceState => {
      onError(error);
      return presences;
    };
    try {
      const decorated = decorate(presences);
      return isPromise(decorated) ? decorated.catch(plain) : decorated;
    } catch (error) {
      return plain(error);
    }
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

function isPromise<Value>(value: Value | Promise<Value>): value is Promise<Value> {
  return value instanceof Promise;
}
