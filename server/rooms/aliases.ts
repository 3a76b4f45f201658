import { matches } from "./room-pattern.ts";

interface Alias {
  readonly alias: string;
  readonly match: string;
}

const STAR = "*";

/** Further names of rooms: what one client calls `job:42`, another may call `job_events-42`. */
export class Aliases {
  readonly #declared: Alias[] = [];

  /**
   * Declares other names of the rooms that a pattern covers. What stands in the place of one `*`
   * stands in the place of the other. The first declared alias that covers a name wins.
   *
   * @throws Error if an alias has a `*` and the pattern has none, or the other way round
   */
  declare(match: string, aliases: readonly string[]): void {
    for (const alias of aliases) {
      if (!areAlike(match, alias)) throw new Error(`alias ${alias} does not fit ${match}`);
      this.#declared.push({ match, alias });
    }
  }

  /** The room that a name stands for: the name itself, unless it is an alias. */
  roomOf(name: string): string {
    const found = this.#declared.find(({ alias }) => matches(alias, name));
    if (found === undefined) return name;
    const { match, alias } = found;
    return alias.endsWith(STAR) ? match.slice(0, -1) + name.slice(alias.length - 1) : match;
  }
}

/** Whether an alias can stand for a pattern: both are names, or both are prefixes. */
export function areAlike(match: string, alias: string): boolean {
  return match.endsWith(STAR) === alias.endsWith(STAR);
}
