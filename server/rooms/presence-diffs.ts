import type { Clock } from "../clock.ts";
import type { Eventual } from "../eventual.ts";
import type { PresenceDiff, PresenceMeta, PresenceState } from "./presence.ts";
import { type Decoration, decorated } from "./presence-decoration.ts";
import { PresenceMetas } from "./presence-metas.ts";

/** How a room's members on this node are told of changes. */
export interface PresenceAudience extends Decoration {
  readonly clock: Clock;
  /** How long changes are gathered into one diff. */
  readonly windowMs: number;
  /** Sends a diff to the members of the room. */
  readonly publish: (diff: PresenceDiff) => void;
}

/**
 * Changes of one room's presences, on their way to its members. They are gathered for a short time,
 * so that a thousand joins do not become a million frames.
 */
export class PresenceDiffs {
  readonly #audience: PresenceAudience;
  #joins = new PresenceMetas();
  #leaves = new PresenceMetas();
  #cancel: (() => void) | undefined;
  /** Diffs whose decoration takes its time are told in their order. */
  #telling: Promise<void> | undefined;

  constructor(audience: PresenceAudience) {
    this.#audience = audience;
  }

  /** Tells of a presence that is there now. */
  joined(key: string, meta: PresenceMeta): void {
    // One that was gone for a moment would otherwise be gone again: leaves are applied last.
    this.#leaves.take(key, meta.phx_ref);
    this.#joins.put(key, meta);
    this.#schedule();
  }

  /** Tells of a presence that is gone. */
  left(key: string, meta: PresenceMeta): void {
    // A member that joined meanwhile has seen it in its presence_state, so the leave is told even
    // where the join was not.
    this.#joins.take(key, meta.phx_ref);
    this.#leaves.put(key, meta);
    this.#schedule();
  }

  /** Whether anything is added to presences before they are told. */
  get isDecorated(): boolean {
    return this.#audience.decorate !== undefined;
  }

  /** Presences as members are told. */
  adorn(presences: PresenceState): Eventual<PresenceState> {
    return decorated(presences, this.#audience);
  }

  /** Drops what has not been told yet. Harmless when repeated. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(): void {
    const { clock, windowMs } = this.#audience;
    this.#cancel ??= clock.after(windowMs, () => this.#flush());
  }

  #flush(): void {
    this.#cancel = undefined;
    const joins = this.adorn(this.#joins.toState());
    const leaves = this.adorn(this.#leaves.toState());
    this.#joins = new PresenceMetas();
    this.#leaves = new PresenceMetas();
    if (this.#telling === undefined && !(joins instanceof Promise || leaves instanceof Promise)) {
      this.#audience.publish({ joins, leaves });
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
    joins: Eventual<PresenceState>,
    leaves: Eventual<PresenceState>,
  ): Promise<void> {
    await before;
    this.#audience.publish({ joins: await joins, leaves: await leaves });
  }
}
