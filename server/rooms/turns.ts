import type { Eventual } from "../eventual.ts";
import type { Turnstile } from "../turnstile.ts";
import type { Peer } from "./member.ts";

/** Whose turn it is to join, where many join at once. */
export class Turns {
  readonly #joins: Turnstile;
  readonly #maxRooms: number;

  /** @param maxRooms rooms that one connection may be in */
  constructor(joins: Turnstile, maxRooms: number) {
    this.#joins = joins;
    this.#maxRooms = maxRooms;
  }

  /**
   * Waits for a join's turn. One that will be refused need not wait.
   *
   * @returns false where too many wait already, or the connection has ended
   */
  of(peer: Peer, room: string): Eventual<boolean> {
    const taken = peer.memberships.size + peer.pendingJoins;
    if (taken >= this.#maxRooms && !peer.memberships.has(room)) return true;
    const way = this.#joins.pass((giveUp) => {
      peer.waits.add(giveUp);
      return () => peer.waits.delete(giveUp);
    });
    if (!(way instanceof Promise)) return way;
    // So that one connection cannot fill the queue: what waits counts among its rooms.
    peer.pendingJoins += 1;
    return way.then((isThrough) => {
      peer.pendingJoins -= 1;
      return isThrough;
    });
  }

  /** Lets nobody wait any longer. Harmless when repeated. */
  stop(): void {
    this.#joins.close();
  }
}
