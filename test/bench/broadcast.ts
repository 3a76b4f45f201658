import { type Goal, type Result, summarize } from "./result.ts";
import { type Pace, type Round, runInTurns } from "./round.ts";
import type { ServerProcess } from "./server-process.ts";

/** One who is sent broadcasts. */
export interface Member {
  /** Told how many messages have come, each time that some have. */
  onMessages: (count: number) => void;
}

/**
 * Counts what each of a room's members gets.
 *
 * @param onArrived told when a member has got messages number `first` up to, but not including, `end`
 */
export function watchArrivals(
  members: readonly Member[],
  onArrived: (first: number, end: number) => void,
): void {
  for (const member of members) {
    let received = 0;
    member.onMessages = (count) => {
      const first = received;
      received += count;
      onArrived(first, received);
    };
  }
}

/** At least as many as may be under way. */
const SLOTS = 16;
const UNDER_WAY = [1, 8];

/** Publishes to a room's members and knows when each message has reached the last of them. */
class Broadcasts {
  readonly #server: ServerProcess;
  readonly #members: number;
  /** Members that each message has not reached yet, and when it was published; by number. */
  readonly #missing = new Int32Array(SLOTS);
  readonly #publishedAtMs = new Float64Array(SLOTS);
  #published = 0;
  #delivered = 0;
  #latenciesMs: number[] = [];
  #deadlineMs = 0;
  #onDrained: () => void = () => {};

  constructor(server: ServerProcess, members: readonly Member[]) {
    this.#server = server;
    this.#members = members.length;
    watchArrivals(members, (first, end) => this.#arrived(first, end));
  }

  /** Keeps `underWay` messages under way for `durationMs`, and waits until all have arrived. */
  async run(durationMs: number, underWay: number): Promise<Round> {
    const before = await this.#server.usage();
    const startMs = performance.now();
    const published = this.#published;
    this.#latenciesMs = [];
    this.#deadlineMs = startMs + durationMs;
    await new Promise<void>((resolve) => {
      this.#onDrained = resolve;
      this.#publish(underWay);
    });
    const elapsedMs = performance.now() - startMs;
    const after = await this.#server.usage();
    return {
      operations: (this.#published - published) * this.#members,
      elapsedMs,
      cpuMicros: after.cpuMicros - before.cpuMicros,
      latenciesMs: this.#latenciesMs,
    };
  }

  #publish(count: number): void {
    const nowMs = performance.now();
    for (let index = 0; index < count; index += 1) {
      const slot = this.#published % SLOTS;
      this.#missing[slot] = this.#members;
      this.#publishedAtMs[slot] = nowMs;
      this.#published += 1;
    }
    this.#server.publish(count);
  }

  /** A member has got messages number `first` up to, but not including, `end`. */
  #arrived(first: number, end: number): void {
    let complete = 0;
    for (let message = first; message < end; message += 1) {
      const slot = message % SLOTS;
      const missing = (this.#missing[slot] ?? 0) - 1;
      this.#missing[slot] = missing;
      if (missing === 0) {
        complete += 1;
        this.#latenciesMs.push(performance.now() - (this.#publishedAtMs[slot] ?? 0));
      }
    }
    if (complete > 0) this.#goOn(complete);
  }

  #goOn(complete: number): void {
    this.#delivered += complete;
    if (performance.now() < this.#deadlineMs) this.#publish(complete);
    else if (this.#delivered === this.#published) this.#onDrained();
  }
}

/** A contender with its members in the room. */
export interface Broadcaster {
  readonly name: string;
  readonly server: ServerProcess;
  readonly members: readonly Member[];
}

/** Measures broadcasts in turns: one message at a time, and then eight under way. */
export async function compareBroadcasts(
  broadcasters: readonly Broadcaster[],
  pace: Pace,
  goalsOf: (underWay: number) => readonly Goal[],
): Promise<Result[]> {
  const names = broadcasters.map(({ name }) => name);
  const members = broadcasters[0]?.members.length;
  const all = broadcasters.map(({ server, members }) => new Broadcasts(server, members));
  const results: Result[] = [];
  for (const underWay of UNDER_WAY) {
    const lanes = all.map((broadcasts, index) => ({
      name: names[index] ?? "",
      run: (durationMs: number) => broadcasts.run(durationMs, underWay),
    }));
    const rounds = await runInTurns(lanes, pace);
    const title = `${members} members, ${underWay} under way`;
    results.push(...summarize(title, names, rounds, goalsOf(underWay)));
  }
  return results;
}
