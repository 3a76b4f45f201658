import type { Round } from "./round.ts";
import { median, percentile } from "./statistics.ts";

/** What a contender is held against, and the most that it may cost. */
export interface Goal {
  /** The lane's own name. */
  readonly name: string;
  readonly baseline: string;
  /** Highest ratio of CPU that is good; undefined where the ratio is for information. */
  readonly atMost: number | undefined;
}

/** What was measured of one contender in one scenario. */
export interface Result {
  readonly scenario: string;
  readonly contender: string;
  /** Median over the rounds. */
  readonly cpuMicros: number;
  /** Median over the rounds. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Median over the rounds of CPU per operation divided by the baseline's in the same round. */
  readonly ratio: number | undefined;
  readonly goal: Goal | undefined;
}

/** Sums up a scenario's rounds, one list for each name. */
export function summarize(
  scenario: string,
  names: readonly string[],
  rounds: readonly (readonly Round[])[],
  goals: readonly Goal[],
): Result[] {
  return names.map((contender, index) => {
    const own = rounds[index] ?? [];
    const goal = goals.find(({ name }) => name === contender);
    const latenciesMs = own.flatMap((round) => round.latenciesMs);
    return {
      scenario,
      contender,
      cpuMicros: median(own.map(cpuOf)),
      perSecond: median(own.map((round) => (round.operations / round.elapsedMs) * 1000)),
      p50Ms: percentile(latenciesMs, 0.5),
      p99Ms: percentile(latenciesMs, 0.99),
      ratio: goal && ratioOf(own, rounds[names.indexOf(goal.baseline)] ?? []),
      goal,
    };
  });
}

function ratioOf(own: readonly Round[], baseline: readonly Round[]): number {
  return median(own.map((round, turn) => cpuOf(round) / cpuOf(baseline[turn] ?? round)));
}

function cpuOf(round: Round): number {
  return round.cpuMicros / round.operations;
}
