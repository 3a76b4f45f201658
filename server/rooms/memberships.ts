import type { Server, Socket } from "socket.io";
import type { Clock } from "../clock.ts";
import { payloadValue } from "../json-text.ts";
import type { Limits } from "../options.ts";
import { Admin } from "./admin.ts";
import type { Backends } from "./backends.ts";
import type { Channel } from "./channel.ts";
import { Expiry } from "./expiry.ts";
import type { Departure, Member } from "./member.ts";
import type { Peers } from "./peers.ts";
import { Presence } from "./presence.ts";
import { refusal } from "./reply.ts";
import type { Room } from "./room.ts";

/** What memberships need of their surroundings. */
export interface MembershipsContext {
  readonly io: Server;
  readonly backends: Backends;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly peers: Peers;
  /** Takes what a channel threw when a member left, or when presences were told. */
  readonly onCrash: (error: unknown, room: string, event: string) => void;
}

/**
 * Who is in which room of this node.
 *
 * Socket.IO's rooms are the membership; what is kept here is what Socket.IO does not know of a
 * member. However a socket leaves a Socket.IO room, the adapter says so, and the member departs.
 */
export class Memberships {
  readonly #context: MembershipsContext;
  readonly #rooms = new Map<string, Room>();
  readonly #expiry: Expiry<Member>;
  readonly #admin: Admin;

  constructor(context: MembershipsContext) {
    this.#context = context;
    this.#expiry = new Expiry(context.clock, (member) => this.remove(member, "expired"));
    this.#admin = new Admin(this.#rooms, context.backends, (...event) => this.deliver(...event));
    const { adapter } = context.io.of("/");
    adapter.on("leave-room", (room: string, socketId: string) => {
      const member = context.peers.membership(socketId, room);
      if (member !== undefined) this.#depart(member);
    });
  }

  /** How many rooms have members on this node. */
  get size(): number {
    return this.#rooms.size;
  }

  /** A room that has members on this node. */
  room(name: string): Room | undefined {
    return this.#rooms.get(name);
  }

  /** Makes a member one. */
  enter(member: Member): void {
    const { peer, expiresAtMs } = member;
    const room = this.#rooms.get(member.room) ?? this.#open(member.room, member.channel);
    room.members.add(member);
    peer.memberships.set(member.room, member);
    void peer.socket.join(member.room);
    if (expiresAtMs !== undefined) this.#expiry.add(member, expiresAtMs);
    this.#context.backends.publish(member.room, "phx_join", toldOf(member));
    this.#admin.joined(member, room);
  }

  /**
   * Takes a member out of its room, which the Socket.IO adapter's word makes it leave. Harmless
   * when repeated.
   */
  remove(member: Member, departure: Departure): void {
    if (!this.isIn(member)) return;
    member.departure = departure;
    void member.peer.socket.leave(member.room);
  }

  /** Whether a member is one still. */
  isIn(member: Member): boolean {
    return member.peer.memberships.get(member.room) === member;
  }

  /** Sends an event to this node's members of a room. */
  deliver(room: string, event: string, payload: unknown): void {
    const { io } = this.#context;
    if (!io.of("/").adapter.rooms.has(room)) return;
    io.local.to(room).emit(event, payload, { room });
  }

  /** What an intercepted event becomes for one member; see {@link Channel.intercept}. */
  intercept(socket: Socket, room: string, event: string, payload: unknown) {
    const member = this.#context.peers.membership(socket.id, room);
    if (member === undefined) return undefined;
    try {
      return member.channel.intercept(member, event, payloadValue(payload));
    } catch (error) {
      this.#context.onCrash(error, room, event);
      this.remove(member, "crashed");
      return undefined;
    }
  }

  /** Stops all timers. Harmless when repeated. */
  stop(): void {
    this.#expiry.stop();
    for (const room of this.#rooms.values()) room.presence.stop();
  }

  #open(name: string, channel: Channel): Room {
    const { clock, limits, onCrash } = this.#context;
    const { decorate } = channel;
    const presence = new Presence({
      clock,
      windowMs: limits.presenceWindowMs,
      publish: (diff) => this.deliver(name, "presence_diff", diff),
      decorate: decorate && ((presences) => decorate(name, presences)),
      onError: (error) => onCrash(error, name, "presence"),
    });
    const room: Room = { name, channel, members: new Set(), presence };
    this.#rooms.set(name, room);
    return room;
  }

  #depart(member: Member): void {
    const { peer, expiresAtMs } = member;
    const departure = member.departure ?? (peer.isLeaving ? "disconnected" : "removed");
    member.departure = departure;
    peer.memberships.delete(member.room);
    if (expiresAtMs !== undefined) this.#expiry.remove(member, expiresAtMs);
    const room = this.#rooms.get(member.room);
    if (room !== undefined) this.#close(room, member);
    this.#context.backends.publish(member.room, "phx_leave", toldOf(member));
    tell(member);
    void this.#callLeft(member, departure);
  }

  #close(room: Room, member: Member): void {
    room.members.delete(member);
    for (const [key, meta] of member.presences ?? []) room.presence.untrack(key, meta.phx_ref);
    if (room.members.size === 0) {
      room.presence.stop();
      this.#rooms.delete(room.name);
    }
    this.#admin.left(member, room);
  }

  async #callLeft(member: Member, departure: Departure): Promise<void> {
    try {
      await member.channel.left(member, departure);
    } catch (error) {
      this.#context.onCrash(error, member.room, "phx_leave");
    }
  }
}

/** Tells a client of an end that it did not ask for. */
function tell({ peer, room, departure }: Member): void {
  const meta = { room };
  if (departure === "expired") peer.socket.emit("phx_error", refusal("token_expired"), meta);
  if (departure === "crashed") peer.socket.emit("phx_error", refusal("push_crashed"), meta);
  if (departure === "removed" || departure === "stopped") peer.socket.emit("phx_close", {}, meta);
}

/** What backends are told of a member. Never its token. */
function toldOf(member: Member): { id: string; connection: string } {
  return { id: member.key, connection: member.peer.id };
}
