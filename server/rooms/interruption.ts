import type { Clock } from "../clock.ts";
import type { Member } from "./member.ts";
import type { Memberships } from "./memberships.ts";
import { refusal } from "./reply.ts";
import type { Room } from "./room.ts";

/** Broadcasts of another node that never reached this one. */
export interface LostBroadcasts {
  /** The rooms that they were for; undefined: any. */
  readonly rooms: readonly string[] | undefined;
  /** When the last of them was lost, in milliseconds since the epoch, or a little later. */
  readonly lastMs: number;
}

/** What an interruption needs of its surroundings. */
export interface InterruptionContext {
  readonly memberships: Memberships;
  /** Whether a room keeps a log, from which its members get what they have missed. */
  readonly keepsLog: (room: string) => boolean;
  readonly clock: Clock;
  /** Told of each member that was told. */
  readonly onTold: () => void;
}

/** Members that are told at once, so that not all of them join anew in one moment. */
const BATCH_SIZE = 500;
const EVERY_MS = 100;

/** Tells members that they may have missed messages, when other nodes could not be heard for a time. */
export class Interruption {
  readonly #context: InterruptionContext;
  readonly #waiting = new Set<Member>();
  /** When the members of a room were last told on behalf of another node. */
  readonly #toldMs = new WeakMap<Room, number>();
  /** When everyone was last told. */
  #allToldMs = 0;
  #cancel: (() => void) | undefined;

  constructor(context: InterruptionContext) {
    this.#context = context;
  }

  /** Tells everyone who is a member of a room without a log now, in batches. */
  tell(): void {
    const { memberships, keepsLog, clock } = this.#context;
    this.#allToldMs = clock.now();
    for (const room of memberships.all()) if (!keepsLog(room.name)) this.#add(room);
    this.#begin();
  }

  /** Tells the members of a room. */
  tellRoom(name: string): void {
    const room = this.#context.memberships.room(name);
    if (room !== undefined) this.#add(room);
    this.#begin();
  }

  /** Tells those whom lost broadcasts were for, but for rooms that were told since. */
  tellLost({ rooms, lastMs }: LostBroadcasts): void {
    const { memberships, keepsLog, clock } = this.#context;
    const concerned = rooms?.map((name) => memberships.room(name)) ?? memberships.all();
    for (const room of concerned) {
      if (room === undefined || keepsLog(room.name) || lastMs <= this.#lastToldMs(room)) continue;
      this.#toldMs.set(room, clock.now());
      this.#add(room);
    }
    this.#begin();
  }

  /** Stops all timers. Harmless when repeated. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#waiting.clear();
  }

  #lastToldMs(room: Room): number {
    return Math.max(this.#allToldMs, this.#toldMs.get(room) ?? 0);
  }

  #add({ members }: Room): void {
    for (const member of members) {
      if (member.whenMissed !== "nothing") this.#waiting.add(member);
    }
  }

  #begin(): void {
    if (this.#cancel === undefined) this.#tellSome();
  }

  #tellSome(): void {
    this.#cancel = undefined;
    let count = 0;
    for (const member of this.#waiting) {
      if (count === BATCH_SIZE) break;
      count += 1;
      this.#waiting.delete(member);
      this.#tellOne(member);
    }
    if (this.#waiting.size === 0) return;
    this.#cancel = this.#context.clock.after(EVERY_MS, () => this.#tellSome());
  }

  #tellOne(member: Member): void {
    const { memberships, onTold } = this.#context;
    if (!memberships.isIn(member)) return;
    onTold();
    if (member.whenMissed === "rejoin") memberships.remove(member, "interrupted");
    else member.peer.socket.emit("missed", refusal("messages_missed"), { room: member.room });
  }
}
