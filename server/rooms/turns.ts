import type { Eventual } from "../eventual.ts";
import type { Turnstile } from "../turnstile.ts";
import type { Peer } from "./member.ts";

/** Whose turn it is to join, where many join at once. */
export class Turns {
  readonly #joins: Turnstile;
  readonly #maxRooms: number;
  /** The last join of each connection that waits: one of a connection is in the queue at a time. */
  readonly #last = new WeakMap<Peer, Promise<boolean>>();

  /** @param maxRooms rooms that one connection may be in */
  constructor(joins: Turnstile, maxRooms: number) {
    this.#joins = joins;
    this.#maxRooms = maxRooms;
  }

  /**
   * Waits for a join's turn, behind those of the same connection: one that joins many rooms takes no
   * more places in the queue than others. One that will be refused need not wait.
   *
   * @returns false where too many wait already, or the connection has ended
   */
  of(peer: Peer, room: string): Eventual<boolean> {
    const taken = peer.memberships.size + peer.pendingJoins;
    if (taken >= this.#maxRooms && !peer.memberships.has(room)) return true;
    const before = this.#last.get(peer);
    const way = before === undefined ? this.#pass(peer) : before.then(() => this.#pass(peer));
    if (!(way instanceof Promise)) return way;
    // What waits counts among its rooms, so that what one connection may let wait is bounded.
    peer.pendingJoins += 1;
    const turn = way.then((isThrough) => {
      peer.pendingJoins -= 1;
      if (this.#last.get(peer) === turn) this.#last.delete(peer);
      return isThrough;
    });
    this.#last.set(peer, turn);
    return turn;
  }

  #pass(peer: Peer): Eventual<boolean> {
    if (peer.isLeaving) return false;
    return this.#joins.pass((giveUp) => {
      peer.waits.add(giveUp);
      return () => peer.waits.delete(giveUp);
    });
  }

  /** Lets nobody wait any longer. Harmless when repeated. */
  stop(): void {
    this.#joins.close();
  }
}
