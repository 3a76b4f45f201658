import { deserialize, serialize } from "node:v8";
import { GATHER_MS, LossPace } from "../bus/loss-pace.ts";
import { LostRooms } from "../bus/lost-rooms.ts";
import type { Clock } from "../clock.ts";
import type { Counters } from "../counters.ts";
import type { LostBroadcasts } from "../rooms/interruption.ts";
import type { Post } from "./post.ts";

/** What losses need of their surroundings. */
export interface LossesContext {
  readonly post: Post;
  readonly clock: Clock;
  readonly counters: Pick<Counters, "adapterMessagesLost">;
}

const TOPIC = "losses";
/** While the primary takes nothing. */
const RETRY_MS = 1000;

/**
 * Broadcasts that did not get from one worker to another, because one of them or the primary was
 * held up. The members who have missed them are told.
 */
export class Losses {
  readonly #context: LossesContext;
  /** Lost by this worker, and its siblings are not told yet. */
  readonly #own = new LostRooms();
  /** Passes on what was lost on the way to this worker, whose members are to be told. */
  readonly #pace: LossPace;
  #onLost: (broadcasts: LostBroadcasts) => void = () => {};
  #cancelTelling: (() => void) | undefined;

  constructor(context: LossesContext) {
    this.#context = context;
    this.#pace = new LossPace(context.clock, (broadcasts) => this.#onLost(broadcasts));
    context.post.on(TOPIC, ({ body }) => this.#pace.add(deserialize(body as Uint8Array)));
  }

  /** Takes what this worker's members have missed. Called once. */
  listen(onLost: (broadcasts: LostBroadcasts) => void): void {
    this.#onLost = onLost;
  }

  /**
   * Notes an adapter's message that this worker could not send.
   *
   * @param rooms those that a broadcast was for, none: everyone; undefined if it was no broadcast
   */
  note(rooms: readonly string[] | undefined): void {
    const { counters, clock } = this.#context;
    counters.adapterMessagesLost += 1;
    if (rooms === undefined) return;
    this.#own.add({ rooms: rooms.length === 0 ? undefined : rooms, lastMs: clock.now() });
    this.#tellLater(GATHER_MS);
  }

  /** Notes broadcasts that the primary could not pass on to this worker. */
  missed(count: number, broadcasts: LostBroadcasts): void {
    this.#context.counters.adapterMessagesLost += count;
    this.#pace.add(broadcasts);
  }

  /** Stops all timers. Harmless when repeated. */
  stop(): void {
    this.#cancelTelling?.();
    this.#pace.stop();
  }

  #tellLater(delayMs: number): void {
    this.#cancelTelling ??= this.#context.clock.after(delayMs, () => this.#tell());
  }

  #tell(): void {
    this.#cancelTelling = undefined;
    const lost = this.#own.take();
    if (this.#context.post.publish({ topic: TOPIC, body: serialize(lost) })) return;
    this.#own.add(lost);
    this.#tellLater(RETRY_MS);
  }
}
