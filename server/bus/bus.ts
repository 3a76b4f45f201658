import type { Counters } from "../counters.ts";
import type { Backends } from "../rooms/backends.ts";
import {
  decodeDisconnect,
  decodePayload,
  decodeTarget,
  encodePayload,
  fromChannel,
  TO_PREFIX,
  toChannel,
} from "./message.ts";
import type { Redis } from "./redis.ts";

/** The rooms of this node, as the bus sees them. */
export interface BusRooms {
  /** Whether anybody here is to hear what is sent to a room. */
  hasMembers(room: string): boolean;
  deliver(room: string, event: string, payload: unknown): void;
  /** Closes this node's connections that the application gave this id. */
  disconnect(id: string): void;
}

/** What the bus needs of its surroundings. */
export interface BusContext {
  readonly redis: Redis;
  readonly counters: Counters;
  /** Told of each message that was not understood or could not be sent. May be called very often. */
  readonly onProblem: (problem: string, channel: string) => void;
}

/** The way between rooms and programs on Redis: `to:<room>:<event>` and `from:<room>:<event>`. */
export class Bus implements Backends {
  readonly isConfigured = true;
  readonly #context: BusContext;

  constructor(context: BusContext) {
    this.#context = context;
  }

  /** Listens to the backends, now and after each reconnect. */
  listen(rooms: BusRooms): void {
    const listener = (bytes: Buffer, channel: Buffer): void => {
      this.#receive(channel.toString("utf8"), bytes, rooms);
    };
    const { redis, onProblem } = this.#context;
    redis.subscriber.pSubscribe(`${TO_PREFIX}*`, listener, true).catch((error: unknown) => {
      if (!redis.isStopped) onProblem(String(error), TO_PREFIX);
    });
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
    redis.publisher.publish(channel, encodePayload(payload)).catch(() => this.#lose(channel));
    return true;
  }

  #lose(channel: string): void {
    this.#context.counters.busMessagesLost += 1;
    this.#context.onProblem("not published, Redis is not reachable", channel);
  }

  #receive(channel: string, bytes: Buffer, rooms: BusRooms): void {
    const id = decodeDisconnect(channel);
    if (id !== undefined) {
      rooms.disconnect(id);
      return;
    }
    const target = decodeTarget(channel);
    // What nobody here hears is not read any further.
    if (target !== undefined && !rooms.hasMembers(target.room)) return;
    const payload = decodePayload(bytes);
    if (target === undefined || payload === undefined) {
      this.#context.counters.busMessagesRefused += 1;
      this.#context.onProblem("not delivered, no legal room, event or payload", channel);
      return;
    }
    rooms.deliver(target.room, target.event, payload);
  }
}
