import type { Server, Socket } from "socket.io";
import { connectionRoom } from "./connection-room.ts";
import type { Member } from "./member.ts";
import type { Memberships } from "./memberships.ts";
import type { PresenceMeta, PresenceState } from "./presence.ts";
import type { Reply } from "./reply.ts";
import type { Meta, Tracking } from "./tracking.ts";

/** What members act on. */
export interface MemberContext {
  readonly io: Server;
  readonly memberships: Memberships;
  readonly tracking: Tracking;
}

/** Who asks to join. */
export interface Candidate {
  readonly room: string;
  /** The token's `id`, or a made-up name. */
  readonly id: string;
  /** Public name of the connection. */
  readonly connection: string;
  /** The Socket.IO socket, whatever the client speaks. */
  readonly socket: Socket;
}

/** A push that may be answered now or later. */
export interface PushRequest {
  /** Answers the push. phoenix.js takes the first answer only. */
  reply(reply: Reply): void;
}

/** The presences of one member. A key is the member's id unless another is given. */
export interface MemberPresence {
  /**
   * Makes the member present, and sends it `presence_state`.
   *
   * @throws Error if it is present under this key already
   */
  track(meta?: Meta, key?: string): PresenceMeta;
  /**
   * Changes what is said of it; the new meta has `phx_ref_prev`.
   *
   * @throws Error if it is not present under this key
   */
  update(meta: Meta, key?: string): PresenceMeta;
  /** Makes it absent. */
  untrack(key?: string): void;
  /** Who is present in the room, on all nodes. */
  list(): Promise<PresenceState>;
  /** The metas of one key; empty if it is absent. */
  get(key: string): Promise<readonly PresenceMeta[]>;
}

/** One connection in one room of a channel. */
export class ChannelMember<State = unknown> implements Candidate {
  /** What the channel keeps of this member. */
  state: State;
  readonly #member: Member;
  readonly #context: MemberContext;

  constructor(member: Member, state: State, context: MemberContext) {
    this.#member = member;
    this.state = state;
    this.#context = context;
  }

  get room(): string {
    return this.#member.room;
  }

  get id(): string {
    return this.#member.key;
  }

  get connection(): string {
    return this.#member.peer.id;
  }

  get socket(): Socket {
    return this.#member.peer.socket;
  }

  /** Sends an event to this member alone. Nothing is sent once it has left. */
  push(event: string, payload: unknown): void {
    if (!this.#context.memberships.isIn(this.#member)) return;
    this.socket.emit(event, payload, { room: this.room });
  }

  /** Sends an event to all members of the room, this one included, on every node. */
  broadcast(event: string, payload: unknown): void {
    this.#context.io.to(this.room).emit(event, payload, { room: this.room });
  }

  /** Sends an event to all members of the room but this one, on every node. */
  broadcastFrom(event: string, payload: unknown): void {
    const own = connectionRoom(this.connection);
    this.#context.io.to(this.room).except(own).emit(event, payload, { room: this.room });
  }

  /** Ends the membership with `phx_close`. Harmless when repeated. */
  stop(): void {
    this.#context.memberships.remove(this.#member, "stopped");
  }

  /** Who is present in the room, and whether this member is. */
  get presence(): MemberPresence {
    const { tracking } = this.#context;
    const member = this.#member;
    return {
      track: (meta = {}, key = member.key) => tracking.track(member, key, meta),
      update: (meta, key = member.key) => tracking.update(member, key, meta),
      untrack: (key = member.key) => tracking.untrack(member, key),
      list: () => tracking.list(member.room),
      get: async (key) => {
        const presences = await tracking.list(member.room);
        return Object.hasOwn(presences, key) ? (presences[key]?.metas ?? []) : [];
      },
    };
  }
}
