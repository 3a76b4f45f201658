import type { Reply } from "../../rooms/reply.ts";
import type { Wishes } from "./codec.ts";

/** Takes the reply to a join. */
export type Answer = (reply: Reply) => void;

/** Takes the decision on a join, and whether the client is in the room now. */
export type Decided = (reply: Reply, isIn: boolean) => void;

/** The latest join of a room that has not been left since. */
interface Join {
  /** Stands for what the client asked for; equal if that is equal. */
  readonly wanted: string;
  /** Undefined until it is decided. */
  reply: Reply | undefined;
  /** The first join's own answer, and those of its repetitions. */
  readonly waiting: Answer[];
}

/** Those of a client that has said nothing of them. */
export const NO_WISHES: Wishes = { presence: false, binary: false };

/** What one plain client has joined, and what it wants of each room. */
export class Joins {
  readonly #latest = new Map<string, Join>();
  readonly #wishes = new Map<string, Wishes>();
  readonly #maxWaiting: number;

  /** @param maxWaiting how many repeated joins of one room may wait for the first one's reply */
  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  /** What the client wants of a room that it is in. */
  wishesOf(room: string): Wishes {
    return this.#wishes.get(room) ?? NO_WISHES;
  }

  /** Whether the client is in a room, or about to be. */
  has(room: string): boolean {
    return this.#latest.has(room);
  }

  /**
   * Answers a join that says what the latest one of its room said: it is no new join.
   *
   * @returns `new` for any other join; `full` if too many wait for the decision already
   */
  repeat(room: string, wanted: string, answer: Answer): "repeated" | "new" | "full" {
    const join = this.#latest.get(room);
    if (join?.wanted !== wanted) return "new";
    if (join.reply !== undefined) answer(join.reply);
    else if (join.waiting.length > this.#maxWaiting) return "full";
    else join.waiting.push(answer);
    return "repeated";
  }

  /**
   * Notes a join that is under way.
   *
   * @returns what to call once it is decided
   */
  begin(room: string, wanted: string, wishes: Wishes, answer: Answer): Decided {
    const join: Join = { wanted, reply: undefined, waiting: [answer] };
    this.#latest.set(room, join);
    return (reply, isIn) => {
      if (isIn) this.#wishes.set(room, wishes);
      else this.#wishes.delete(room);
      if (!isIn && this.#latest.get(room) === join) this.#latest.delete(room);
      join.reply = reply;
      for (const tell of join.waiting.splice(0)) tell(reply);
    };
  }

  /** Notes that a leave was asked for: the next join of the room is a new one. */
  beginLeave(room: string): void {
    this.#latest.delete(room);
  }

  /**
   * Notes that a membership is over.
   *
   * @returns whether there was one
   */
  end(room: string): boolean {
    if (this.#latest.get(room)?.reply !== undefined) this.#latest.delete(room);
    return this.#wishes.delete(room);
  }
}
