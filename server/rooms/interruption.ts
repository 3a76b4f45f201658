import type { Clock } from "../clock.ts";
import type { Member } from "./member.ts";
import type { Memberships } from "./memberships.ts";
import { refusal } from "./reply.ts";
import type { Room } from "./room.ts";

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
  #cancel: (() => void) | undefined;

  constructor(context: InterruptionContext) {
    this.#context = context;
  }

  /** Tells everyone who is a member of a room without a log now, in batches. */
  tell(): void {
    const { memberships, keepsLog } = this.#context;
    for (const room of memberships.all()) if (!keepsLog(room.name)) this.#add(room);
    if (this.#cancel === undefined) this.#tellSome();
  }

  /** Tells the members of a room. */
  tellRoom(name: string): void {
    const room = this.#context.memberships.room(name);
    if (room !== undefined) this.#add(room);
    if (this.#cancel === undefined) this.#tellSome();
  }

  /** Stops all timers. Harmless when repeated. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#waiting.clear();
  }

  #add({ members }: Room): void {
    for (const member of members) {
      if (member.whenMissed !== "nothing") this.#waiting.add(member);
    }
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
