import type { Server, Socket } from "socket.io";
import type { Clock } from "../clock.ts";
import type { Eventual } from "../eventual.ts";
import { payloadValue } from "../json-text.ts";
import type { Limits } from "../options.ts";
import { Admin } from "./admin.ts";
import type { Backends } from "./backends.ts";
import type { Channel } from "./channel.ts";
import { Expiry } from "./expiry.ts";
import type { Departure, Member } from "./member.ts";
import { mustBeEncodable } from "./payload.ts";
import type { Peers } from "./peers.ts";
import type { PresenceState } from "./presence.ts";
import { type Decoration, decorated } from "./presence-decoration.ts";
import { Presences } from "./presences.ts";
import { refusal } from "./reply.ts";
import type { Room } from "./room.ts";

/** What memberships need of their surroundings. */
export interface MembershipsContext {
  readonly io: Server;
  readonly backends: Backends;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly peers: Peers;
  /** The channel that serves a room, or undefined if none does. */
  readonly channelOf: (room: string) => Channel | undefined;
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
  /** Who is present, here and on other nodes. */
  readonly presences = new Presences();
  readonly #context: MembershipsContext;
  readonly #rooms = new Map<string, Room>();
  readonly #expiry: Expiry<Member>;
  readonly #admin: Admin;

  constructor(context: MembershipsContext) {
    this.#context = context;
    this.#expiry = new Expiry(context.clock, (member) => this.remove(member, "expired"));
    this.#admin = new Admin(this.#rooms, context.backends, (...event) => this.deliver(...event));
    const { adapter } = context.io.sockets;
    adapter.on("leave-room", (room: string, socketId: string) => {
      const member = context.peers.membership(socketId, room);
      if (member !== undefined) this.#depart(member);
    });
  }

  /** How many rooms have members on this node. */
  get size(): number {
    return this.#rooms.size;
  }

  /** The rooms that have members on this node. */
  all(): Iterable<Room> {
    return this.#rooms.values();
  }

  /** A room that has members on this node. */
  room(name: string): Room | undefined {
    return this.#rooms.get(name);
  }

  /** Everyone who is present in a room, on all nodes, as its members are told. */
  told(room: string): Eventual<PresenceState> {
    const presence = this.presences.of(room);
    if (presence === undefined) return {};
    if (this.#rooms.has(room)) return presence.told();
    const channel = this.#context.channelOf(room);
    return decorated(presence.state(), this.#decoration(room, channel));
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
    if (!io.sockets.adapter.rooms.has(room)) return;
    io.local.to(room).emit(event, payload, { room });
  }

  /** What an intercepted event becomes for one member; see {@link Channel.intercept}. */
  intercept(socket: Socket, room: string, event: string, payload: unknown) {
    const member = this.#context.peers.membership(socket.id, room);
    if (member === undefined) return undefined;
    try {
      const outgoing = member.channel.intercept(member, event, payloadValue(payload));
      mustBeEncodable(outgoing?.payload);
      return outgoing;
    } catch (error) {
      this.#context.onCrash(error, room, event);
      this.remove(member, "crashed");
      return undefined;
    }
  }

  /** Stops all timers. Harmless when repeated. */
  stop(): void {
    this.#expiry.stop();
    this.presences.stop();
  }

  #open(name: string, channel: Channel): Room {
    const { clock, limits } = this.#context;
    this.presences.open(name, {
      ...this.#decoration(name, channel),
      clock,
      windowMs: limits.presenceWindowMs,
      publish: (diff) => this.deliver(name, "presence_diff", diff),
    });
    const room: Room = { name, channel, members: new Set() };
    this.#rooms.set(name, room);
    return room;
  }

  #decoration(room: string, channel: Channel | undefined): Decoration {
    const decorate = channel?.decorate;
    return {
      decorate: decorate && ((presences) => decorate(room, presences)),
      onError: (error) => this.#context.onCrash(error, room, "presence"),
    };
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
    const { name } = room;
    for (const [key, meta] of member.presences ?? []) {
      this.presences.untrack(name, key, meta.phx_ref);
    }
    if (room.members.size === 0) {
      this.presences.close(name);
      this.#rooms.delete(name);
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
  if (departure === "interrupted") peer.socket.emit("phx_error", refusal("messages_missed"), meta);
  if (departure === "crashed") peer.socket.emit("phx_error", refusal("push_crashed"), meta);
  if (departure === "removed" || departure === "stopped") peer.socket.emit("phx_close", {}, meta);
}

/** What backends are told of a member. Never its token. */
function toldOf(member: Member): { id: string; connection: string } {
  return { id: member.key, connection: member.peer.id };
}
