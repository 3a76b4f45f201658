import type { Socket } from "socket.io";
import type { Limits } from "../options.ts";
import { type Admit, admitUnderEither } from "./admission.ts";
import type { Channel } from "./channel.ts";
import { readJoinParams } from "./join-params.ts";
import type { Member, Peer, WhenMissed } from "./member.ts";
import { type Reply, refuse } from "./reply.ts";

/** What a join brings besides the room's name. */
export interface JoinRequest {
  /** The client's params, of any shape. */
  readonly params: unknown;
  /** The client's own name for this join; undefined lets the server make one. */
  readonly ref: unknown;
  /**
   * What a member is to be told when it may have missed messages. `rejoin`: its membership ends with
   * `phx_error`, since its client then joins anew. `nothing`: its dialect has no word for it.
   * Default: the event `missed`.
   */
  readonly whenMissed?: WhenMissed;
}

/** A join whose room is known. */
export interface NamedRequest extends JoinRequest {
  /** What the client calls the room. */
  readonly name: string;
}

/** What candidates are judged by. */
export interface CandidatesContext {
  readonly admit: Admit;
  /** The token that a connection was opened with. */
  readonly connectionToken: (socket: Socket) => string | undefined;
  readonly limits: Limits;
}

/** Those who ask to join a room, as the members that they will be if its channel has them. */
export class Candidates {
  readonly #context: CandidatesContext;
  #count = 0;

  constructor(context: CandidatesContext) {
    this.#context = context;
  }

  /** A candidate, or the refusal of one whom the server does not let ask. */
  of(peer: Peer, room: string, channel: Channel, request: NamedRequest): Member | Reply {
    const { maxRoomsPerConnection } = this.#context.limits;
    const isFull = peer.memberships.size + peer.pendingJoins >= maxRoomsPerConnection;
    return isFull ? refuse("rooms_exhausted") : this.visitor(peer, room, channel, request);
  }

  /** The same of somebody who will not be in the room: it does not count as one of its peer's. */
  visitor(peer: Peer, room: string, channel: Channel, request: NamedRequest): Member | Reply {
    const { admit, connectionToken } = this.#context;
    const params = readJoinParams(request.params);
    const admission = admitUnderEither(admit, [room, request.name], {
      joinToken: params.token,
      connectionToken: connectionToken(peer.socket),
    });
    if (!admission.ok) return refuse(admission.code);
    this.#count += 1;
    const ref = request.ref ?? this.#count.toString(36);
    return {
      peer,
      room,
      channel,
      id: `${peer.id}:${room}:${String(ref)}`,
      ref: request.ref,
      key: admission.id ?? peer.madeUpId,
      params,
      expiresAtMs: admission.expiresAtMs,
      data: undefined,
      presences: undefined,
      departure: undefined,
      whenMissed: request.whenMissed ?? "event",
    };
  }
}
