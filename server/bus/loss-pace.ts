import type { Clock } from "../clock.ts";
import type { LostBroadcasts } from "../rooms/interruption.ts";
import { LostRooms } from "./lost-rooms.ts";

/** How long is waited for more of the kind. */
export const GATHER_MS = 100;
/** Members are told so often at the most: those that join anew are to get in between. */
const PASS_ON_EVERY_MS = 5000;

/** Passes on what others have lost, gathered, and not too often. */
export class LossPace {
  readonly #clock: Clock;
  readonly #passOn: (broadcasts: LostBroadcasts) => void;
  readonly #lost = new LostRooms();
  #passedOnMs = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, passOn: (broadcasts: LostBroadcasts) => void) {
    this.#clock = clock;
    this.#passOn = passOn;
  }

  /** Adds what is to be passed on. */
  add(broadcasts: LostBroadcasts): void {
    this.#lost.add(broadcasts);
    const waitMs = Math.max(GATHER_MS, this.#passedOnMs + PASS_ON_EVERY_MS - this.#clock.now());
    this.#cancel ??= this.#clock.after(waitMs, () => {
      this.#cancel = undefined;
      this.#passedOnMs = this.#clock.now();
      this.#passOn(this.#lost.take());
    });
  }

  /** Passes nothing on any more. Harmless when repeated. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
