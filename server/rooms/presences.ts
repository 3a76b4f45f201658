import { Presence, type PresenceMeta } from "./presence.ts";
import type { PresenceAudience } from "./presence-diffs.ts";

/** Is told what becomes of the presences of this node's own members, to tell other nodes. */
export interface PresenceAuthor {
  joined(room: string, key: string, meta: PresenceMeta): void;
  left(room: string, key: string, ref: string): void;
}

/**
 * Who is in all rooms, on all nodes. Each node tells the others of its own members, so that every
 * node knows everyone without asking.
 */
export class Presences {
  /** Tells the other nodes, if there can be any. */
  author: PresenceAuthor | undefined;
  readonly #rooms = new Map<string, Presence>();

  /** Who is in a room, or undefined if nobody is. */
  of(room: string): Presence | undefined {
    return this.#rooms.get(room);
  }

  /** Tells a room's members on this node of all changes, until {@link close}. */
  open(room: string, audience: PresenceAudience): Presence {
    const presence = this.#at(room);
    presence.open(audience);
    return presence;
  }

  /** Tells a room's members no more. Harmless when repeated. */
  close(room: string): void {
    const presence = this.#rooms.get(room);
    presence?.close();
    this.#forgetIdle(room, presence);
  }

  /** Adds a presence of one of this node's members. */
  track(room: string, key: string, meta: PresenceMeta): void {
    this.add(room, key, meta);
    this.author?.joined(room, key, meta);
  }

  /** Takes away a presence of one of this node's members. */
  untrack(room: string, key: string, ref: string): void {
    this.remove(room, key, ref);
    this.author?.left(room, key, ref);
  }

  /** Adds a presence of another node. Returns whether it is new: a known one is left alone. */
  add(room: string, key: string, meta: PresenceMeta): boolean {
    return this.#at(room).add(key, meta);
  }

  /** Takes away a presence of another node. Unknown ones are ignored. */
  remove(room: string, key: string, ref: string): void {
    const presence = this.#rooms.get(room);
    presence?.remove(key, ref);
    this.#forgetIdle(room, presence);
  }

  /** Stops all timers. Harmless when repeated. */
  stop(): void {
    for (const presence of this.#rooms.values()) presence.close();
  }

  #at(room: string): Presence {
    const known = this.#rooms.get(room);
    if (known !== undefined) return known;
    const presence = new Presence();
    this.#rooms.set(room, presence);
    return presence;
  }

  #forgetIdle(room: string, presence: Presence | undefined): void {
    if (presence?.isIdle === true) this.#rooms.delete(room);
  }
}
