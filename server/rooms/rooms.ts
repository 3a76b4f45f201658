import type { Socket } from "socket.io";
import { after, type Eventual } from "../eventual.ts";
import type { RoomSettings } from "../options.ts";
import { mayBePrivate } from "../private-room.ts";
import type { Turnstile } from "../turnstile.ts";
import { Aliases } from "./aliases.ts";
import type { Backends } from "./backends.ts";
import { Candidates, type CandidatesContext, type JoinRequest } from "./candidates.ts";
import type { Intercepted } from "./channel.ts";
import { Channels } from "./channels.ts";
import { type AnyDefinition, DefinedChannel } from "./defined-channel.ts";
import { Interruption, type LostBroadcasts } from "./interruption.ts";
import { type Answer, Joining } from "./joining.ts";
import type { Task } from "./lanes.ts";
import { createRoomLogs, type LogsContext } from "./log/create-room-logs.ts";
import { type LogSettings, readLogSettings } from "./log/log-settings.ts";
import type { RoomLogs } from "./log/room-logs.ts";
import type { Member, Peer } from "./member.ts";
import { Memberships } from "./memberships.ts";
import { findNamedRoom } from "./named-room.ts";
import { eventNameProblem, isEventName } from "./names.ts";
import { payloadKind } from "./payload.ts";
import { Peers } from "./peers.ts";
import { Relay } from "./relay.ts";
import { ok, type Reply, refuse } from "./reply.ts";
import { firstMatch } from "./room-pattern.ts";
import { settingsOf } from "./settings.ts";
import { Tracking } from "./tracking.ts";
import { Turns } from "./turns.ts";

/** What the rooms need of their surroundings. */
export interface RoomsContext extends LogsContext, CandidatesContext {
  readonly backends: Backends;
  /** Whether a room's members may be on other nodes, too. */
  readonly hasOtherNodes: boolean;
  readonly settings: readonly RoomSettings[];
  /** Whether the relay serves the rooms that no channel covers; by default while there is none. */
  readonly relay: boolean | undefined;
  /** Makes joins wait that come too fast. */
  readonly joins: Turnstile;
  /** Takes what a channel threw. */
  readonly onCrash: (error: unknown, room: string, event: string) => void;
  /** Told of each member that was told that it may have missed messages. */
  readonly onInterrupted: () => void;
}

/** Whether a request is meant for this membership, or for an earlier one of the same room. */
export type IsMeant = (member: Member) => boolean;

/** Means whatever membership there is, for clients without names of earlier ones. */
export const isAnyMembership: IsMeant = () => true;

/**
 * What clients ask of rooms: join, leave, push. The requests of one connection in one room are done
 * in their order, one after the other.
 */
export class Rooms {
  /** Which channel serves which rooms. */
  readonly channels: Channels;
  /** Who is in which room of this node. */
  readonly memberships: Memberships;
  /** Members' presences. */
  readonly tracking: Tracking;
  /** The logs of the rooms that keep one. */
  readonly logs: RoomLogs;
  readonly #context: RoomsContext;
  readonly #peers: Peers;
  readonly #aliases = new Aliases();
  readonly #candidates: Candidates;
  readonly #joining: Joining;
  readonly #turns: Turns;
  readonly #interruption: Interruption;
  /** The logs that the settings speak of. */
  readonly #logged: readonly { readonly match: string; readonly log: LogSettings | undefined }[];

  constructor(context: RoomsContext) {
    this.#context = context;
    this.#candidates = new Candidates(context);
    this.#turns = new Turns(context.joins, context.limits.maxRoomsPerConnection);
    this.#peers = new Peers({
      randomId: context.randomId,
      maxWaiting: context.limits.maxWaitingPushes,
      onError: (error, room) => context.onCrash(error, room, "request"),
    });
    this.memberships = new Memberships({
      ...context,
      peers: this.#peers,
      channelOf: (room) => this.channels.of(room),
    });
    this.tracking = new Tracking(this.memberships, context.limits);
    for (const { match, aliases } of context.settings) this.#aliases.declare(match, aliases);
    this.logs = createRoomLogs(context, {
      settingsOf: (room) => this.#logSettings(room),
      intercept: ({ peer, room }, event, payload) =>
        this.intercept(peer.socket, room, event, payload),
      onForgotten: (room) => this.#interruption.tellRoom(room),
    });
    this.#joining = new Joining({
      candidates: this.#candidates,
      memberships: this.memberships,
      logs: this.logs,
      hear: (room) => context.backends.hear(room),
      onCrash: context.onCrash,
    });
    this.#interruption = new Interruption({
      memberships: this.memberships,
      keepsLog: (room) => this.logs.keeps(room),
      clock: context.clock,
      onTold: context.onInterrupted,
    });
    const relay = new Relay({ ...context, tracking: this.tracking, logs: this.logs });
    this.#logged = context.settings.map(({ match, log }) => ({
      match,
      log: log && readLogSettings(log),
    }));
    const mayLog = this.#logged.some(({ log }) => log !== undefined);
    this.channels = new Channels(relay, context.relay, mayLog);
  }

  /**
   * Makes a socket a member of a room. A second join of the same room takes the place of the
   * first, also when it is refused; the dialect tells its client so.
   */
  join(socket: Socket, name: unknown, request: JoinRequest, answer: Answer): void {
    const named = findNamedRoom(this, name);
    if (!named.ok) {
      answer(refuse(named.code));
      return;
    }
    const { room } = named;
    const channel = this.channels.of(room);
    if (channel === undefined) {
      answer(refuse("room_unmatched"));
      return;
    }
    const peer = this.#peers.of(socket);
    // In the lane: what the client asks of this room meanwhile waits behind it, and nothing else.
    const isInLane = peer.lanes.run(room, () =>
      after(this.#turns.of(peer, room), (isThrough) => {
        const asked = { ...request, name: named.name };
        if (isThrough) return this.#joining.join(peer, room, channel, asked, answer);
        if (!peer.isLeaving) this.#joining.refuse(peer, room, "too_many_waiting", answer);
        return undefined;
      }),
    );
    if (!isInLane) this.#joining.refuse(peer, room, "too_many_waiting", answer);
  }

  /** The room that a name stands for: itself, unless it is an alias. */
  roomOf(name: string): string {
    return this.#aliases.roomOf(name);
  }

  /**
   * Whether a room is the private one of a socket, which is nobody's to name. Of the sockets of
   * other nodes only the shape of their ids is known.
   */
  isPrivate(room: string): boolean {
    const { io, hasOtherNodes } = this.#context;
    return io.sockets.sockets.has(room) || (hasOtherNodes && mayBePrivate(room));
  }

  /** Ends a membership. Leaving a room that was not joined is no mistake. `phx_close` follows. */
  leave(socket: Socket, name: unknown, isMeant: IsMeant, answer: Answer): void {
    const peer = this.#peers.known(socket.id);
    if (peer === undefined || typeof name !== "string") {
      answer(ok());
      return;
    }
    const room = this.roomOf(name);
    this.#inLane(peer, room, answer, () => this.#leave(peer, room, isMeant, answer));
  }

  /** Hands on what a member sends into a room. */
  push(
    socket: Socket,
    name: unknown,
    event: unknown,
    payload: unknown,
    isMeant: IsMeant,
    answer: Answer,
  ): void {
    const peer = this.#peers.known(socket.id);
    if (peer === undefined || typeof name !== "string") {
      answer(refuse("room_not_joined"));
      return;
    }
    const room = this.roomOf(name);
    this.#inLane(peer, room, answer, () => {
      const member = peer.memberships.get(room);
      if (member === undefined) answer(refuse("room_not_joined"));
      else if (isMeant(member)) return this.#push(member, event, payload, answer);
      return undefined;
    });
  }

  /**
   * Hands on what a socket sends into a room that it is not in. Its token must let it join the room,
   * and the room's channel must take such things.
   */
  visit(socket: Socket, name: unknown, event: unknown, payload: unknown, answer: Answer): void {
    const named = findNamedRoom(this, name);
    if (!named.ok) {
      answer(refuse(named.code));
      return;
    }
    if (!isEventName(event)) {
      answer(refuse(eventNameProblem(event)));
      return;
    }
    const { room } = named;
    const channel = this.channels.of(room);
    if (channel?.visit === undefined) {
      answer(refuse("room_not_joined"));
      return;
    }
    if (payloadKind(payload) === "unfit") {
      answer(refuse("payload_invalid"));
      return;
    }
    const peer = this.#peers.of(socket);
    const visitor = this.#candidates.visitor(peer, room, channel, {
      name: named.name,
      params: undefined,
      ref: undefined,
    });
    if ("status" in visitor) answer(visitor);
    else this.#inLane(peer, room, answer, () => this.#visit(visitor, event, payload, answer));
  }

  /** Declares the channel of the rooms that `pattern` covers; the first that does so wins. */
  declare(pattern: string, definition: AnyDefinition): void {
    this.#aliases.declare(pattern, definition.aliases ?? []);
    const { memberships, tracking } = this;
    const channel = new DefinedChannel(definition, { io: this.#context.io, memberships, tracking });
    this.channels.declare(pattern, channel, channel.isIntercepting);
  }

  /** Whether an event in a room passes by its channel on the way to each member. */
  intercepts(room: string, event: string): boolean {
    return this.channels.intercepts(room, event) && !this.isPrivate(room);
  }

  /** What an intercepted event becomes for one member; undefined keeps it from the member. */
  intercept(socket: Socket, room: string, event: string, payload: unknown): Intercepted {
    return this.memberships.intercept(socket, room, event, payload);
  }

  /** Whether a room has members on this node. */
  hasMembers(room: string): boolean {
    return this.#context.io.sockets.adapter.rooms.has(room);
  }

  /** Whether anybody here is to hear what backends send to a room: its members, or its log. */
  hears(room: string): boolean {
    return this.hasMembers(room) || this.logs.keeps(room);
  }

  /** Sends an event, which every node has got, to this node's members of a room. */
  deliver(room: string, event: string, payload: unknown): void {
    if (this.logs.recordFromEverywhere(room, event, payload)) return;
    this.memberships.deliver(room, event, payload);
  }

  /** Names and patterns with one trailing `*` that cover all rooms which keep a log. */
  loggedPatterns(): string[] {
    const configured = this.#logged.flatMap(({ match, log }) => (log === undefined ? [] : [match]));
    return this.channels.mayLog ? [...configured, ...this.channels.loggedPatterns()] : [];
  }

  /** Tells members of rooms without a log that they may have missed messages. */
  interrupted(): void {
    this.#interruption.tell();
  }

  /** Tells members of rooms without a log of broadcasts of another node that were lost. */
  lost(broadcasts: LostBroadcasts): void {
    this.#interruption.tellLost(broadcasts);
  }

  /** The room's settings, as the configuration says. */
  settingsOf(room: string): RoomSettings {
    return settingsOf(this.#context.settings, room);
  }

  /** Stops all timers. Harmless when repeated. */
  stop(): void {
    this.#turns.stop();
    this.#interruption.stop();
    this.memberships.stop();
    this.logs.stop();
  }

  /**
   * `admin` is told of what the server sees there and then: it keeps no log. What goes to one socket
   * alone is not for later members.
   */
  #logSettings(room: string): LogSettings | undefined {
    if (!this.channels.mayLog || room === "admin") return undefined;
    if (mayBePrivate(room) || this.isPrivate(room)) return undefined;
    return this.channels.of(room)?.log ?? firstMatch(this.#logged, room)?.log;
  }

  #inLane(peer: Peer, room: string, answer: Answer, task: Task): void {
    if (!peer.lanes.run(room, task)) answer(refuse("too_many_waiting"));
  }

  #leave(peer: Peer, room: string, isMeant: IsMeant, answer: Answer): void {
    const member = peer.memberships.get(room);
    if (member === undefined) {
      answer(ok());
      return;
    }
    if (!isMeant(member)) return;
    this.memberships.remove(member, "left");
    answer(ok(member.channel.farewell(member)), member);
    peer.socket.emit("phx_close", {}, { room });
  }

  #visit(visitor: Member, event: string, payload: unknown, answer: Answer): Eventual<void> {
    const crash = (error: unknown): void => {
      this.#context.onCrash(error, visitor.room, event);
      answer(refuse("push_crashed"));
    };
    try {
      const given = visitor.channel.visit?.(visitor, event, payload) ?? refuse("room_not_joined");
      return given instanceof Promise ? given.then(answer, crash) : answer(given);
    } catch (error) {
      return crash(error);
    }
  }

  #push(member: Member, event: unknown, payload: unknown, answer: Answer): void | Promise<void> {
    if (!isEventName(event)) {
      answer(refuse(eventNameProblem(event)), member);
      return;
    }
    if (payloadKind(payload) === "unfit") {
      answer(refuse("payload_invalid"), member);
      return;
    }
    const reply = (given: Reply): void => {
      if (this.memberships.isIn(member)) answer(given, member);
    };
    return this.#joining.guarded(member, event, () =>
      member.channel.push(member, event, payload, reply),
    );
  }
}
