import type { Clock } from "../clock.ts";
import { after, type Eventual } from "../eventual.ts";
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
  /** The last of what is still to be told, where decoration takes its time. */
  #telling: Promise<void> | undefined;
  #isOver: boolean = false;

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

  /**
   * Tells members of something in its turn, so that a state comes before the diffs that are newer:
   * at once, unless it takes its time, or something before it does.
   */
  tell<Told>(told: Eventual<Told>, send: (told: Told) => void): void {
    if (this.#telling === undefined && !(told instanceof Promise)) {
      send(told);
      return;
    }
    const telling = this.#tellLater(this.#telling, told, send);
    this.#telling = telling;
    void telling.then(() => {
      if (this.#telling === telling) this.#telling = undefined;
    });
  }

  /** Drops what has not been told yet. Harmless when repeated. */
  stop(): void {
    this.#isOver = true;
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
    const diff = after(joins, (joined) =>
      after(leaves, (left) => ({ joins: joined, leaves: left })),
    );
    this.tell(diff, (told) => this.#audience.publish(told));
  }

  async #tellLater<Told>(
    before: Promise<void> | undefined,
    told: Eventual<Told>,
    send: (told: Told) => void,
  ): Promise<void> {
    await before;
    const ready = await told;
    if (!this.#isOver) send(ready);
  }
}
