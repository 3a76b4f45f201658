import type { LostBroadcasts } from "../rooms/interruption.ts";
import { MAX_LOST_ROOMS } from "./loss-message.ts";

/** Gathers in which rooms broadcasts were lost, and when the last of them was. */
export class LostRooms {
  readonly #rooms = new Set<string>();
  #isAll: boolean = false;
  #lastMs = 0;

  /** Whether there is nothing to tell. */
  get isEmpty(): boolean {
    return !this.#isAll && this.#rooms.size === 0;
  }

  /** Adds what was lost at a time. */
  add({ rooms, lastMs }: LostBroadcasts): void {
    this.#lastMs = Math.max(this.#lastMs, lastMs);
    for (const room of rooms ?? []) this.#rooms.add(room);
    if (rooms !== undefined && this.#rooms.size <= MAX_LOST_ROOMS) return;
    this.#isAll = true;
    this.#rooms.clear();
  }

  /** Gives all that was added, and forgets it. */
  take(): LostBroadcasts {
    const taken = { rooms: this.#isAll ? undefined : [...this.#rooms], lastMs: this.#lastMs };
    this.#rooms.clear();
    this.#isAll = false;
    this.#lastMs = 0;
    return taken;
  }
}
