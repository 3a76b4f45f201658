import type { Socket } from "socket.io";
import type { Member, Peer } from "./member.ts";

/** The connections that are, or were, in a room. */
export class Peers {
  readonly #peers = new Map<string, Peer>();
  readonly #randomId: () => string;

  constructor(randomId: () => string) {
    this.#randomId = randomId;
  }

  /** The peer of a socket, made at its first join and kept until it disconnects. */
  of(socket: Socket): Peer {
    const known = this.#peers.get(socket.id);
    if (known !== undefined) return known;
    const peer: Peer = {
      socket,
      id: this.#randomId(),
      madeUpId: this.#randomId(),
      memberships: new Map(),
      isLeaving: false,
    };
    this.#peers.set(socket.id, peer);
    socket.once("disconnecting", () => {
      peer.isLeaving = true;
    });
    socket.once("disconnect", () => this.#peers.delete(socket.id));
    return peer;
  }

  /** A socket's membership of a room, if it has one. */
  membership(socketId: string, room: string): Member | undefined {
    return this.#peers.get(socketId)?.memberships.get(room);
  }
}
