import type { Clock } from "../clock.ts";
import { isRoomName } from "../rooms/names.ts";
import type { PresenceState } from "../rooms/presence.ts";
import type { Redis } from "./redis.ts";

/** Prefix of the channels on which backends ask who is in a room. */
const QUERY_PREFIX = "presence:";
/** Prefix of the channels that may be answered on, so that nobody makes nodes talk elsewhere. */
const REPLY_PREFIX = "reply:";
const MAX_REPLY_CHANNEL_BYTES = 255;
/** Keys by which one node takes a question upon itself. */
const CLAIM_PREFIX = "commonroom:presence:answered:";
/** The same question on the same channel is answered once in this time. */
const CLAIM_MS = 10_000;
/** Questions that are answered in a second. */
const MAX_PER_SEC = 200;

/** What presence queries need of their surroundings. */
export interface PresenceQueriesContext {
  readonly redis: Redis;
  readonly clock: Clock;
  /** Who is present in a room, by any of its names, on all nodes. */
  readonly list: (room: string) => Promise<PresenceState>;
  /** Told of each question that makes no sense. May be called very often. */
  readonly onRefused: () => void;
  /** Told of what could not be answered. May be called very often. */
  readonly onProblem: (problem: string, channel: string) => void;
}

/**
 * Answers backends that ask who is in a room: `PUBLISH presence:<room> reply:<anything>`. One of the
 * nodes publishes the room's presences as JSON on the channel that the message names.
 */
export class PresenceQueries {
  readonly #context: PresenceQueriesContext;
  #secondStartMs = 0;
  #inSecond = 0;

  constructor(context: PresenceQueriesContext) {
    this.#context = context;
  }

  /** Listens, now and after each reconnect. */
  listen(): void {
    const listener = (message: Buffer, channel: Buffer): void => {
      this.#receive(channel.toString("utf8"), message);
    };
    const { subscriptions } = this.#context.redis;
    void subscriptions.add({ kind: "pattern", name: `${QUERY_PREFIX}*`, listener });
  }

  #receive(channel: string, message: Buffer): void {
    const room = channel.slice(QUERY_PREFIX.length);
    const replyChannel = readReplyChannel(message);
    if (replyChannel === undefined || !isRoomName(room)) {
      this.#context.onRefused();
      return;
    }
    if (!this.#isInTime()) {
      this.#context.onProblem("presence query not answered, too many at once", channel);
      return;
    }
    this.#answer(room, replyChannel).catch((error: unknown) => {
      this.#context.onProblem(`presence query not answered: ${String(error)}`, channel);
    });
  }

  async #answer(room: string, replyChannel: string): Promise<void> {
    const { redis, list } = this.#context;
    const claim = `${CLAIM_PREFIX}${JSON.stringify([room, replyChannel])}`;
    const taken = await redis.send(claim, ["SET", claim, "1", "NX", "PX", `${CLAIM_MS}`]);
    if (taken === null) return;
    await redis.publish(replyChannel, JSON.stringify(await list(room)));
  }

  #isInTime(): boolean {
    const nowMs = this.#context.clock.now();
    if (Math.abs(nowMs - this.#secondStartMs) >= 1000) {
      this.#secondStartMs = nowMs;
      this.#inSecond = 0;
    }
    this.#inSecond += 1;
    return this.#inSecond <= MAX_PER_SEC;
  }
}

function readReplyChannel(message: Buffer): string | undefined {
  if (message.length > MAX_REPLY_CHANNEL_BYTES) return undefined;
  const channel = message.toString("utf8");
  const isLegal = channel.startsWith(REPLY_PREFIX) && isRoomName(channel);
  return isLegal ? channel : undefined;
}
