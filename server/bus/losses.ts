import { randomUUID } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { LostBroadcasts } from "../rooms/interruption.ts";
import { type AdapterContext, guarded } from "./adapter-guard.ts";
import { decodeLossMessage, encodeLossMessage } from "./loss-message.ts";
import { GATHER_MS, LossPace } from "./loss-pace.ts";
import { LostRooms } from "./lost-rooms.ts";

/** What losses need of their surroundings. */
export interface LossesContext extends Omit<AdapterContext, "onLost"> {
  readonly clock: Clock;
}

/** Channel on which nodes tell all others what they could not send. */
const LOSS_CHANNEL = "commonroom:losses";
/** Nodes whose numbers are remembered: those that have told something last. */
const MAX_NODES = 1000;
/** After a refusal of Redis. */
const RETRY_MS = 1000;

/**
 * Broadcasts that this node could not send: the members on other nodes have missed them, and nothing
 * there tells. So this node tells the others as soon as it can, and they tell their members.
 */
export class Losses {
  readonly #context: LossesContext;
  readonly #id = randomUUID();
  /** Lost by this node, and not told yet. */
  readonly #own = new LostRooms();
  /** How often this node has told something. */
  #told = 0;
  /** The number of what each other node has told last. */
  readonly #heard = new Map<string, number>();
  /** Passes on what others have lost, whose members here are to be told. */
  #pace: LossPace | undefined;
  #cancelTelling: (() => void) | undefined;
  #isStopped: boolean = false;

  constructor(context: LossesContext) {
    this.#context = context;
  }

  /** Hears of other nodes' losses, and tells of its own after each reconnect. */
  listen(onLost: (broadcasts: LostBroadcasts) => void): void {
    const { redis, clock } = this.#context;
    this.#pace = new LossPace(clock, (broadcasts) => {
      // Members are told of all that was missed until then when this node is back; once is enough.
      if (!redis.hasMissed) onLost(broadcasts);
    });
    const listener = guarded(this.#context, (message) => this.#hear(message));
    void redis.subscriptions.add({ kind: "channel", name: LOSS_CHANNEL, listener });
    redis.onComeback(() => this.#tell());
  }

  /**
   * Notes a broadcast that was lost.
   *
   * @param rooms those that it was for; none: everyone
   */
  note(rooms: readonly string[]): void {
    if (this.#isStopped) return;
    const lastMs = this.#context.clock.now();
    this.#own.add({ rooms: rooms.length === 0 ? undefined : rooms, lastMs });
    this.#tellLater(GATHER_MS);
  }

  /** Stops all timers. Harmless when repeated. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelTelling?.();
    this.#pace?.stop();
  }

  /** Where the connection has broken, its comeback may be earlier, or later, than this. */
  #tellLater(delayMs: number): void {
    this.#cancelTelling ??= this.#context.clock.after(delayMs, () => this.#tell());
  }

  #tell(): void {
    this.#cancelTelling?.();
    this.#cancelTelling = undefined;
    const { redis, clock } = this.#context;
    if (this.#own.isEmpty || !redis.canPublish) return;
    const lost = this.#own.take();
    const agoMs = Math.max(0, clock.now() - lost.lastMs);
    this.#told += 1;
    const said = { node: this.#id, number: this.#told, agoMs, rooms: lost.rooms };
    const message = encodeLossMessage(said);
    redis.publish(LOSS_CHANNEL, redis.seal.close(LOSS_CHANNEL, message)).catch(() => {
      this.#own.add(lost);
      if (!this.#isStopped) this.#tellLater(RETRY_MS);
    });
  }

  #hear(message: Buffer): void {
    const text = this.#context.redis.seal.open(LOSS_CHANNEL, message);
    if (text === undefined) throw new Error("sealed by no node");
    const { node, number, agoMs, rooms } = decodeLossMessage(text);
    if (node === this.#id || this.#isStopped) return;
    this.#mustBeNew(node, number);
    this.#pace?.add({ rooms, lastMs: this.#context.clock.now() - agoMs });
  }

  /** @throws Error for what that node has said before, which somebody repeats */
  #mustBeNew(node: string, number: number): void {
    if (number <= (this.#heard.get(node) ?? 0)) throw new Error("heard before");
    this.#heard.delete(node);
    this.#heard.set(node, number);
    const [oldest] = this.#heard.keys();
    if (this.#heard.size > MAX_NODES && oldest !== undefined) this.#heard.delete(oldest);
  }
}
