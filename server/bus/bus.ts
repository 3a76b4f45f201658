import type { Counters } from "../counters.ts";
import type { Eventual } from "../eventual.ts";
import type { Backends } from "../rooms/backends.ts";
import type { LostBroadcasts } from "../rooms/interruption.ts";
import { isEventName, isRoomName } from "../rooms/names.ts";
import { BusPatterns, type Subscribe } from "./bus-patterns.ts";
import {
  decodePayload,
  encodePayload,
  fromChannel,
  isDisconnect,
  readDisconnect,
  splitTarget,
  toChannel,
} from "./message.ts";
import type { Redis } from "./redis.ts";
import type { RoomSource } from "./room-topics.ts";
import type { Topic } from "./subscriptions.ts";

/** The rooms of this node, as the bus sees them. */
export interface BusRooms {
  /** Whether anybody here is to hear what is sent to a room. */
  hasMembers(room: string): boolean;
  /** Whether a room keeps a log, so that one node takes what backends send to it. */
  keepsLog(room: string): boolean;
  /** Names and patterns with one trailing `*` that cover all rooms which keep a log. */
  loggedPatterns(): readonly string[];
  deliver(room: string, event: string, payload: unknown): void;
  /** Closes this node's connections that the application gave this id. */
  disconnect(id: string): void;
  /** Tells members that they may have missed something. */
  interrupted(): void;
  /** Tells members of broadcasts of another node that were lost. */
  lost(broadcasts: LostBroadcasts): void;
}

/** What the bus needs of its surroundings. */
export interface BusContext {
  readonly redis: Redis;
  readonly counters: Counters;
  readonly subscribe: Subscribe;
  /** Largest message that is read. */
  readonly maxMessageBytes: number;
  /** Resolves once what concerns a room is heard. */
  readonly hear: (room: string) => Eventual<void>;
  /** Told of each message that was not understood or could not be sent. May be called very often. */
  readonly onProblem: (problem: string, channel: string) => void;
}

/** The way between rooms and programs on Redis: `to:<room>:<event>` and `from:<room>:<event>`. */
export class Bus implements Backends, RoomSource {
  readonly isConfigured = true;
  readonly #context: BusContext;
  readonly #patterns: BusPatterns;
  #rooms: BusRooms | undefined;

  constructor(context: BusContext) {
    this.#context = context;
    this.#patterns = new BusPatterns({
      subscriptions: context.redis.subscriptions,
      subscribe: context.subscribe,
      keepsLog: (room) => this.#rooms?.keepsLog(room) === true,
      loggedPatterns: () => this.#rooms?.loggedPatterns() ?? [],
      receive: (pattern, message, channel) => this.#receive(pattern, message, channel),
    });
  }

  /** Listens to the backends, now and after each reconnect. */
  listen(rooms: BusRooms): void {
    this.#rooms = rooms;
    this.#patterns.listen();
  }

  /** Begins or ends to log what backends send to rooms that keep a log. Harmless when repeated. */
  setLogger(isLogger: boolean): void {
    this.#patterns.setLogger(isLogger);
  }

  open(room: string): readonly Topic[] {
    return this.#patterns.open(room);
  }

  close(room: string): void {
    this.#patterns.close(room);
  }

  hear(room: string): Eventual<void> {
    return this.#context.hear(room);
  }

  publish(room: string, event: string, payload: unknown): boolean {
    return this.#send(fromChannel(room, event), payload);
  }

  announce(room: string, event: string, payload: unknown): boolean {
    return this.#send(toChannel(room, event), payload);
  }

  #send(channel: string, payload: unknown): boolean {
    const { redis } = this.#context;
    if (!redis.canPublish) {
      this.#lose(channel);
      return false;
    }
    redis.publish(channel, encodePayload(payload)).catch(() => this.#lose(channel));
    return true;
  }

  #lose(channel: string): void {
    this.#context.counters.busMessagesLost += 1;
    this.#context.onProblem("not published, Redis is not reachable", channel);
  }

  #receive(pattern: string, bytes: Buffer, channelBytes: Buffer): void {
    const rooms = this.#rooms;
    if (rooms === undefined) return;
    const channel = channelBytes.toString("utf8");
    const { room, event } = splitTarget(channel);
    // Several patterns may match one channel; it is taken from one of them.
    if (this.#patterns.patternFor(channel, room) !== pattern) return;
    if (isDisconnect(channel)) {
      const id = readDisconnect(channel);
      if (id === undefined) this.#refuse(channel);
      else rooms.disconnect(id);
      return;
    }
    const isLegal = isRoomName(room) && isEventName(event);
    // What nobody here hears is not read any further.
    if (isLegal && !rooms.hasMembers(room)) return;
    const isReadable = isLegal && bytes.length <= this.#context.maxMessageBytes;
    const payload = isReadable ? decodePayload(bytes) : undefined;
    if (payload === undefined) this.#refuse(channel);
    else rooms.deliver(room, event, payload);
  }

  #refuse(channel: string): void {
    this.#context.counters.busMessagesRefused += 1;
    this.#context.onProblem("not delivered, no legal room, event or payload", channel);
  }
}
