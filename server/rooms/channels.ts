import type { Channel } from "./channel.ts";
import { firstMatch } from "./room-pattern.ts";

interface Declared {
  readonly match: string;
  readonly channel: Channel;
}

interface BuiltIn {
  /** A pattern that covers its rooms, and perhaps others. */
  readonly match: string;
  readonly covers: (room: string) => boolean;
  readonly channel: Channel;
}

/** Which channel serves which rooms. The first declared pattern that covers a room wins. */
export class Channels {
  readonly #declared: Declared[] = [];
  readonly #builtIn: BuiltIn[] = [];
  readonly #relay: Channel;
  readonly #usesRelay: boolean | undefined;
  #mayLog: boolean;
  #isIntercepting: boolean = false;

  /**
   * @param usesRelay whether the relay serves what is left; by default while nothing is declared
   * @param mayLog whether any room's settings say that it keeps a log
   */
  constructor(relay: Channel, usesRelay: boolean | undefined, mayLog: boolean) {
    this.#mayLog = mayLog;
    this.#relay = relay;
    this.#usesRelay = usesRelay;
  }

  /** Declares the channel of the rooms that `pattern` covers. */
  declare(pattern: string, channel: Channel, isIntercepting: boolean): void {
    this.#declared.push({ match: pattern, channel });
    this.#isIntercepting ||= isIntercepting;
    this.#mayLog ||= channel.log !== undefined;
  }

  /**
   * Declares a channel of the server's own: before all others, and leaving the rest as it is.
   *
   * @param match a pattern that covers its rooms, and perhaps others
   */
  declareBuiltIn(match: string, covers: (room: string) => boolean, channel: Channel): void {
    this.#builtIn.push({ match, covers, channel });
    this.#mayLog ||= channel.log !== undefined;
  }

  /** Whether any room may keep a log. */
  get mayLog(): boolean {
    return this.#mayLog;
  }

  /** Patterns that cover all rooms whose channels keep a log. */
  loggedPatterns(): string[] {
    return [...this.#builtIn, ...this.#declared].flatMap(({ match, channel }) =>
      channel.log === undefined ? [] : [match],
    );
  }

  /** The channel that serves a room, or undefined if none does. */
  of(room: string): Channel | undefined {
    const builtIn = this.#builtIn.find(({ covers }) => covers(room));
    if (builtIn !== undefined) return builtIn.channel;
    const declared = firstMatch(this.#declared, room)?.channel;
    const usesRelay = this.#usesRelay ?? this.#declared.length === 0;
    return declared ?? (usesRelay ? this.#relay : undefined);
  }

  /** Whether an event in a room passes by its channel on the way to each member. */
  intercepts(room: string, event: string): boolean {
    return this.#isIntercepting && this.of(room)?.intercepts(event) === true;
  }
}
