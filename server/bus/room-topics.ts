import type { Clock } from "../clock.ts";
import type { Eventual } from "../eventual.ts";
import type { Subscriptions, Topic } from "./subscriptions.ts";

/** Knows topics that concern a room. */
export interface RoomSource {
  /** The topics of a room that is to be heard from now on. */
  open(room: string): readonly Topic[];
  /** Called when the room is heard no more. */
  close?(room: string): void;
}

/** What a room's topics need of their surroundings. */
export interface RoomTopicsContext {
  readonly subscriptions: Subscriptions;
  readonly clock: Clock;
  readonly sources: readonly RoomSource[];
  /** Whether anybody here is to hear a room. */
  readonly hasMembers: (room: string) => boolean;
  /** Told of a room that is heard at last, after those who waited for it were let go. */
  readonly onLate: (room: string) => void;
}

interface OpenRoom {
  readonly topics: readonly Topic[];
  /** Undefined once all topics are there. */
  opening: Promise<void> | undefined;
  cancelCheck: (() => void) | undefined;
}

/** How long a room is heard after its last member has left, so that nothing flaps. */
const LINGER_MS = 5000;
/** How long a join waits at most for its room to be heard. */
const PATIENCE_MS = 1000;

/** Listens to what concerns a room while it has members on this node, and a little longer. */
export class RoomTopics {
  readonly #context: RoomTopicsContext;
  readonly #rooms = new Map<string, OpenRoom>();
  #isStopped: boolean = false;

  constructor(context: RoomTopicsContext) {
    this.#context = context;
  }

  /** How many rooms are heard. */
  get size(): number {
    return this.#rooms.size;
  }

  /**
   * Listens to a room that has members, or will.
   *
   * @returns once it is heard, or after a short wait; at once where it is heard already, and while
   * Redis is away
   */
  open(room: string): Eventual<void> {
    const known = this.#rooms.get(room);
    if (known !== undefined) return known.opening;
    if (this.#isStopped) return undefined;
    const topics = this.#context.sources.flatMap((source) => source.open(room));
    const opened: OpenRoom = { topics, opening: undefined, cancelCheck: undefined };
    this.#rooms.set(room, opened);
    this.#checkLater(room, opened);
    const isThere = this.#context.subscriptions.addAll(topics);
    if (isThere instanceof Promise) opened.opening = this.#waitFor(room, opened, isThere);
    return opened.opening;
  }

  /** Notes that the last member has left. */
  left(room: string): void {
    const opened = this.#rooms.get(room);
    if (opened !== undefined) this.#checkLater(room, opened);
  }

  /** Stops all timers. Harmless when repeated. */
  stop(): void {
    this.#isStopped = true;
    for (const { cancelCheck } of this.#rooms.values()) cancelCheck?.();
    this.#rooms.clear();
  }

  #waitFor(room: string, opened: OpenRoom, isThere: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        opened.opening = undefined;
        resolve();
      };
      const { clock } = this.#context;
      // In two steps: what came while the node was busy is seen between them.
      let cancel = clock.after(PATIENCE_MS / 2, () => {
        cancel = clock.after(PATIENCE_MS / 2, done);
      });
      void isThere.then(() => {
        const isLate = opened.opening === undefined && this.#rooms.get(room) === opened;
        done();
        if (isLate) this.#context.onLate(room);
      });
    });
  }

  #checkLater(room: string, opened: OpenRoom): void {
    if (this.#isStopped) return;
    opened.cancelCheck?.();
    opened.cancelCheck = this.#context.clock.after(LINGER_MS, () => {
      opened.cancelCheck = undefined;
      if (!this.#context.hasMembers(room)) this.#close(room, opened);
    });
  }

  #close(room: string, { topics }: OpenRoom): void {
    this.#rooms.delete(room);
    for (const source of this.#context.sources) source.close?.(room);
    for (const topic of topics) this.#context.subscriptions.remove(topic);
  }
}
