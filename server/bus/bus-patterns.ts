import { isRoomName } from "../rooms/names.ts";
import { isDisconnect, TO_PREFIX } from "./message.ts";
import { covers, literal, withoutOverlap } from "./patterns.ts";
import type { Subscriptions, Topic } from "./subscriptions.ts";

/** Whether a node listens to the rooms that have members on it, or to all. */
export type Subscribe = "rooms" | "all";

/** What the patterns need of their surroundings. */
export interface BusPatternsContext {
  readonly subscriptions: Subscriptions;
  readonly subscribe: Subscribe;
  /** Whether a room keeps a log. */
  readonly keepsLog: (room: string) => boolean;
  /** Names and patterns that cover all rooms which keep a log. */
  readonly loggedPatterns: () => readonly string[];
  /** Takes a message, with the pattern by which it came. */
  readonly receive: (pattern: string, message: Buffer, channel: Buffer) => void;
}

/** All channels on which backends talk to rooms. */
const ALL = `${TO_PREFIX}*`;
const DISCONNECT = `${TO_PREFIX}*:disconnect`;
/**
 * Rooms that a node listens to one by one. Redis compares each message that anybody publishes with
 * every pattern: 1,000 of them cost it 7 µs a message, 10,000 cost 140 µs.
 */
const MAX_ROOM_PATTERNS = 1000;

/**
 * Which channels of backends this node listens to, and by which pattern a channel is taken where
 * several match it.
 *
 * A room that has members here has a pattern of its own, or shares the one for all where there are
 * many. That never changes while it has members, so that nothing is taken twice or left out. Rooms
 * that keep a log are heard by one node, the logger: members have from the log what it logs.
 */
export class BusPatterns {
  readonly #context: BusPatternsContext;
  /** Rooms that have a pattern of their own, by which they are taken. */
  readonly #own = new Map<string, string>();
  readonly #sharing = new Set<string>();
  /** What the logger listens to. */
  #logged: readonly { readonly rooms: string; readonly topic: Topic }[] = [];

  constructor(context: BusPatternsContext) {
    this.#context = context;
  }

  /** Listens to what concerns no room alone. */
  listen(): void {
    const { subscribe, subscriptions } = this.#context;
    void subscriptions.add(this.#topic(subscribe === "all" ? ALL : DISCONNECT));
  }

  /** Begins or ends to listen to all rooms that keep a log. Harmless when repeated. */
  setLogger(isLogger: boolean): void {
    const { subscribe, subscriptions, loggedPatterns } = this.#context;
    if (subscribe === "all") return;
    const wanted = isLogger ? withoutOverlap(loggedPatterns()) : [];
    if (wanted.join("\n") === this.#logged.map(({ rooms }) => rooms).join("\n")) return;
    const former = this.#logged;
    this.#logged = wanted.map((rooms) => ({ rooms, topic: this.#topic(channelsOf(rooms)) }));
    for (const { topic } of this.#logged) void subscriptions.add(topic);
    for (const { topic } of former) subscriptions.remove(topic);
  }

  /** The topics of a room that has members here, or will. */
  open(room: string): readonly Topic[] {
    const { subscribe, keepsLog } = this.#context;
    if (subscribe === "all" || !isRoomName(room) || keepsLog(room)) return [];
    if (this.#own.size >= MAX_ROOM_PATTERNS) {
      this.#sharing.add(room);
      return [this.#topic(ALL)];
    }
    const pattern = `${TO_PREFIX}${literal(room)}:*`;
    this.#own.set(room, pattern);
    return [this.#topic(pattern)];
  }

  /** Notes that a room is heard no more. */
  close(room: string): void {
    this.#own.delete(room);
    this.#sharing.delete(room);
  }

  /** The one pattern by which a channel is taken, or undefined where it is for others. */
  patternFor(channel: string, room: string): string | undefined {
    if (this.#context.subscribe === "all") return ALL;
    if (isDisconnect(channel)) return DISCONNECT;
    const own = this.#own.get(room);
    if (own !== undefined) return own;
    if (this.#sharing.has(room)) return ALL;
    if (!this.#context.keepsLog(room)) return undefined;
    return this.#logged.find(({ rooms }) => covers(rooms, room))?.topic.name;
  }

  #topic(name: string): Topic {
    const { receive } = this.#context;
    const listener = (message: Buffer, channel: Buffer): void => receive(name, message, channel);
    return { kind: "pattern", name, listener };
  }
}

/** The channels of all rooms that a name or a pattern covers. */
function channelsOf(rooms: string): string {
  if (!rooms.endsWith("*")) return `${TO_PREFIX}${literal(rooms)}:*`;
  return `${TO_PREFIX}${literal(rooms.slice(0, -1))}*`;
}
