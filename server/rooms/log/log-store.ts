import type { Clock } from "../../clock.ts";
import type { Eventual } from "../../eventual.ts";
import type { Limits } from "../../options.ts";
import type { Draft, Entry } from "./entry.ts";
import type { LogSettings } from "./log-settings.ts";

/** What a log says at one moment. */
export interface Page {
  /** Changes when the log was lost. */
  readonly epoch: string;
  /** Offset of the newest entry ever; 0 before the first. */
  readonly offset: number;
  /** Offset of the oldest entry that is kept; one more than `offset` where none is. */
  readonly first: number;
  /** The entries that were asked for, in their order. */
  readonly entries: readonly Entry[];
}

/** What became of a message. */
export type Appended =
  | {
      readonly ok: true;
      readonly offset: number;
      /** Whether it was in the log already, so that nothing has changed. */
      readonly isRepeated: boolean;
    }
  /** The log cannot be reached, or is full; nothing was logged, and nothing is delivered. */
  | { readonly ok: false; readonly reason: UnloggedReason };

/** Why a message was not logged. */
export type UnloggedReason = "unavailable" | "full";

/** Who gets a message besides the log. */
export interface Audience {
  /** Socket.IO rooms whose members are left out. */
  readonly except: Iterable<string>;
  /** Whether every node has the message from elsewhere, so that one of them is to log it. */
  readonly isEverywhere: boolean;
}

/** The logs of all rooms. Messages reach members in the order of their offsets. */
export interface LogStore {
  /**
   * Appends a message, and sends it to the room's members on every node. Once it is answered, the
   * members of this node have got it and all before it.
   */
  append(room: string, draft: Draft, audience: Audience): Eventual<Appended>;
  /**
   * Calls `use` with what a log has after an offset, at a moment at which the members of this node
   * have got all of it, and nothing newer: who becomes a member in this call misses nothing.
   *
   * @param after undefined asks for no entries
   * @returns undefined where the log cannot be reached; `use` was not called then
   */
  open<Result>(
    room: string,
    after: number | undefined,
    use: (page: Page) => Eventual<Result>,
  ): Eventual<Result | undefined>;
  /**
   * Reads a part of a log. A log that has not begun has the epoch `""`.
   *
   * @returns undefined where the log cannot be reached
   */
  read(room: string, after: number, limit: number): Eventual<Page | undefined>;
  /**
   * Drops a log after a time, or at once where that is 0, whatever is appended meanwhile. What is
   * appended later begins another log. Where it is repeated, the earliest time counts.
   */
  forget(room: string, afterMs: number): Eventual<void>;
  /** Stops all timers. Harmless when repeated. */
  stop(): void;
}

/** What the logs need of their surroundings. */
export interface LogStoreContext {
  /** How a room's log is kept, or undefined if it keeps none. */
  readonly settingsOf: (room: string) => LogSettings | undefined;
  /** Whether a room has members on this node. */
  readonly hasMembers: (room: string) => boolean;
  /** Sends an entry to this node's members of a room. */
  readonly deliver: (room: string, entry: Entry, except: Iterable<string>) => void;
  /** Told when the log of a room that has members here was lost against its will. */
  readonly onForgotten?: (room: string) => void;
  readonly limits: Limits;
  readonly clock: Clock;
  /** A new random name. */
  readonly randomId: () => string;
}
