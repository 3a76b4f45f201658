import type { Server, Socket } from "socket.io";
import type { Clock } from "../clock.ts";
import type { Limits, RoomSettings } from "../options.ts";
import { Admin } from "./admin.ts";
import type { Admit } from "./admission.ts";
import type { Backends } from "./backends.ts";
import { Expiry } from "./expiry.ts";
import { readJoinParams } from "./join-params.ts";
import type { Departure, Member } from "./member.ts";
import { eventNameProblem, roomNameProblem } from "./names.ts";
import { payloadKind } from "./payload.ts";
import { Peers } from "./peers.ts";
import { Presence } from "./presence.ts";
import { Relay } from "./relay.ts";
import { type Answer, ok, refusal, refuse } from "./reply.ts";
import type { Room } from "./room.ts";
import { settingsOf } from "./settings.ts";

/** What the rooms need of their surroundings. */
export interface RoomsContext {
  readonly io: Server;
  readonly backends: Backends;
  readonly admit: Admit;
  /** The token that a connection was opened with. */
  readonly connectionToken: (socket: Socket) => string | undefined;
  readonly settings: readonly RoomSettings[];
  readonly limits: Limits;
  readonly clock: Clock;
  /** A new random name, short enough to be part of others. */
  readonly randomId: () => string;
  /** Takes what a push threw. */
  readonly onCrash: (error: unknown, room: string, event: string) => void;
}

/** What a join brings besides the room's name. */
export interface JoinRequest {
  /** The client's params, of any shape. */
  readonly params: unknown;
  /** The client's own name for this join; undefined lets the server make one. */
  readonly ref: string | undefined;
}

/**
 * The rooms of this node: who may join, who is in, what is passed on.
 *
 * Socket.IO's rooms are the membership; what is kept here is what Socket.IO does not know of a
 * member. However a socket leaves a Socket.IO room, the adapter says so, and the member departs.
 */
export class Rooms {
  readonly #context: RoomsContext;
  readonly #rooms = new Map<string, Room>();
  readonly #peers: Peers;
  readonly #expiry: Expiry<Member>;
  readonly #relay: Relay;
  readonly #admin: Admin;
  #refCounter = 0;

  constructor(context: RoomsContext) {
    this.#context = context;
    this.#peers = new Peers(context.randomId);
    this.#expiry = new Expiry(context.clock, (member) => this.#remove(member, "expired"));
    this.#relay = new Relay(context);
    this.#admin = new Admin(this.#rooms, context.backends, (...event) => this.deliver(...event));
    const { adapter } = context.io.of("/");
    adapter.on("leave-room", (room: string, socketId: string) => {
      const member = this.#peers.membership(socketId, room);
      if (member !== undefined) this.#depart(member);
    });
  }

  /** How many rooms have members on this node. */
  get size(): number {
    return this.#rooms.size;
  }

  /**
   * Makes a socket a member of a room. A second join of the same room takes the place of the
   * first, also when it is refused; the dialect tells its client so.
   *
   * A good answer's response is `{id}`, and `presence_state` follows it.
   */
  join(socket: Socket, room: unknown, request: JoinRequest, answer: Answer): void {
    const problem = roomNameProblem(room);
    if (problem !== undefined || typeof room !== "string") {
      answer(refuse(problem ?? "room_name_invalid"));
      return;
    }
    if (this.#context.io.of("/").sockets.has(room)) {
      answer(refuse("room_forbidden"));
      return;
    }
    const former = this.#peers.membership(socket.id, room);
    const member = this.#admitSafely(socket, room, request, former);
    if ("status" in member) {
      if (former !== undefined) this.#remove(former, "replaced");
      answer(member);
      return;
    }
    if (former !== undefined) this.#depart(former, "replaced");
    this.#enter(member);
    answer(ok({ id: member.id }));
    if (member.settings.presence) {
      const state = this.#rooms.get(room)?.presence.state() ?? {};
      socket.emit("presence_state", state, { room });
    }
  }

  /** Ends a membership. Leaving a room that was not joined is no mistake. `phx_close` follows. */
  leave(socket: Socket, room: unknown, answer: Answer): void {
    const member = typeof room === "string" ? this.#peers.membership(socket.id, room) : undefined;
    if (member === undefined) {
      answer(ok());
      return;
    }
    this.#remove(member, "left");
    answer(ok({ id: member.id }));
    socket.emit("phx_close", {}, { room });
  }

  /** Passes on what a member sends into a room. */
  push(socket: Socket, room: unknown, event: unknown, payload: unknown, answer: Answer): void {
    const member = typeof room === "string" ? this.#peers.membership(socket.id, room) : undefined;
    if (member === undefined) {
      answer(refuse("room_not_joined"));
      return;
    }
    const problem = eventNameProblem(event);
    if (problem !== undefined || typeof event !== "string") {
      answer(refuse(problem ?? "event_name_invalid"));
      return;
    }
    try {
      answer(this.#relay.push(member, event, payload));
    } catch (error) {
      this.#context.onCrash(error, member.room, event);
      this.#remove(member, "crashed");
    }
  }

  /** Whether a room has members on this node. */
  hasMembers(room: string): boolean {
    return this.#context.io.of("/").adapter.rooms.has(room);
  }

  /** Sends an event to this node's members of a room. */
  deliver(room: string, event: string, payload: unknown): void {
    if (!this.hasMembers(room)) return;
    this.#context.io.local.to(room).emit(event, payload, { room });
  }

  /** Stops all timers. Harmless when repeated. */
  stop(): void {
    this.#expiry.stop();
    for (const room of this.#rooms.values()) room.presence.stop();
  }

  #admitSafely(socket: Socket, room: string, request: JoinRequest, former: Member | undefined) {
    try {
      return this.#admit(socket, room, request, former);
    } catch (error) {
      this.#context.onCrash(error, room, "phx_join");
      return refuse("join_crashed");
    }
  }

  #admit(socket: Socket, room: string, request: JoinRequest, former: Member | undefined) {
    const context = this.#context;
    const { limits } = context;
    const peer = this.#peers.of(socket);
    const isFull = peer.memberships.size >= limits.maxRoomsPerConnection;
    if (former === undefined && isFull) return refuse("rooms_exhausted");
    const params = readJoinParams(request.params);
    if (payloadKind(params.meta) !== "json") return refuse("payload_invalid");
    const metaBytes = Buffer.byteLength(JSON.stringify(params.meta));
    if (metaBytes > limits.maxMetaBytes) return refuse("too_large");
    const admission = context.admit(room, {
      joinToken: params.token,
      connectionToken: context.connectionToken(socket),
    });
    if (!admission.ok) return refuse(admission.code);
    this.#refCounter += 1;
    const ref = request.ref ?? this.#refCounter.toString(36);
    return {
      peer,
      room,
      id: `${peer.id}:${room}:${ref}`,
      key: admission.id ?? peer.madeUpId,
      meta: { ...params.meta, phx_ref: `${peer.id}${this.#refCounter.toString(36)}` },
      settings: settingsOf(context.settings, room),
      expiresAtMs: admission.expiresAtMs,
      departure: undefined,
    } satisfies Member;
  }

  #enter(member: Member): void {
    const { peer, settings, expiresAtMs } = member;
    const room = this.#rooms.get(member.room) ?? this.#open(member.room);
    room.members.add(member);
    peer.memberships.set(member.room, member);
    void peer.socket.join(member.room);
    if (settings.presence) room.presence.track(member.key, member.meta);
    if (expiresAtMs !== undefined) this.#expiry.add(member, expiresAtMs);
    this.#context.backends.publish(member.room, "phx_join", toldOf(member));
    this.#admin.joined(member, room);
  }

  #open(name: string): Room {
    const { clock, limits } = this.#context;
    const presence = new Presence(clock, limits.presenceWindowMs, (diff) =>
      this.deliver(name, "presence_diff", diff),
    );
    const room: Room = { name, members: new Set(), presence };
    this.#rooms.set(name, room);
    return room;
  }

  /** Takes a member out of the Socket.IO room; the adapter's word of it makes it depart. */
  #remove(member: Member, departure: Departure): void {
    member.departure = departure;
    void member.peer.socket.leave(member.room);
  }

  #depart(member: Member, departure = member.departure): void {
    const { peer, expiresAtMs } = member;
    member.departure = departure ?? (peer.isLeaving ? "disconnected" : "removed");
    peer.memberships.delete(member.room);
    if (expiresAtMs !== undefined) this.#expiry.remove(member, expiresAtMs);
    const room = this.#rooms.get(member.room);
    if (room !== undefined) this.#close(room, member);
    this.#context.backends.publish(member.room, "phx_leave", toldOf(member));
    this.#tell(member);
  }

  #close(room: Room, member: Member): void {
    room.members.delete(member);
    room.presence.untrack(member.key, member.meta.phx_ref);
    if (room.members.size === 0) {
      room.presence.stop();
      this.#rooms.delete(room.name);
    }
    this.#admin.left(member, room);
  }

  /** Tells a client of an end that it did not ask for. */
  #tell(member: Member): void {
    const { socket } = member.peer;
    const meta = { room: member.room };
    if (member.departure === "expired") socket.emit("phx_error", refusal("token_expired"), meta);
    if (member.departure === "crashed") socket.emit("phx_error", refusal("push_crashed"), meta);
    if (member.departure === "removed") socket.emit("phx_close", {}, meta);
  }
}

/** What backends are told of a member. Never its token. */
function toldOf(member: Member): { id: string; connection: string } {
  return { id: member.key, connection: member.peer.id };
}
