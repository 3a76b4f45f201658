import type { Socket } from "socket.io";
import { connectionRoom } from "./connection-room.ts";
import { Lanes } from "./lanes.ts";
import type { Member, Peer } from "./member.ts";

/** What peers need of their surroundings. */
export interface PeersContext {
  readonly randomId: () => string;
  /** Most requests of one member that may wait for the one under way. */
  readonly maxWaiting: number;
  /** Takes what a request threw where nobody else did. */
  readonly onError: (error: unknown, room: string) => void;
}

/** The connections that are, or were, in a room. */
export class Peers {
  readonly #peers = new Map<string, Peer>();
  readonly #context: PeersContext;

  constructor(context: PeersContext) {
    this.#context = context;
  }

  /** The peer of a socket, made at its first join and kept until it disconnects. */
  of(socket: Socket): Peer {
    return this.#peers.get(socket.id) ?? this.#create(socket);
  }

  /** The peer of a socket that has asked to join before. */
  known(socketId: string): Peer | undefined {
    return this.#peers.get(socketId);
  }

  /** A socket's membership of a room, if it has one. */
  membership(socketId: string, room: string): Member | undefined {
    return this.#peers.get(socketId)?.memberships.get(room);
  }

  #create(socket: Socket): Peer {
    const { randomId, maxWaiting, onError } = this.#context;
    const peer: Peer = {
      socket,
      id: randomId(),
      madeUpId: randomId(),
      memberships: new Map(),
      lanes: new Lanes(maxWaiting, onError),
      waits: new Set(),
      pendingJoins: 0,
      isLeaving: false,
    };
    this.#peers.set(socket.id, peer);
    void socket.join(connectionRoom(peer.id));
    socket.once("disconnecting", () => {
      peer.isLeaving = true;
      for (const giveUp of [...peer.waits]) giveUp();
      peer.lanes.clear();
    });
    socket.once("disconnect", () => this.#peers.delete(socket.id));
    return peer;
  }
}
