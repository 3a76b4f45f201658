import type { Logger } from "pino";
import type { Clock } from "./clock.ts";

const QUIET_MS = 10_000;

/** Logs a kind of problem at once, and its repetitions as a number every few seconds. */
export type ProblemLog = (problem: string, details: Readonly<Record<string, unknown>>) => void;

/**
 * Makes a log that cannot be flooded by what clients, backends or Redis send.
 *
 * @param log where the lines go, as warnings
 */
export function createProblemLog(log: Logger, clock: Clock): ProblemLog {
  const kinds = new Map<string, { quietUntilMs: number; suppressed: number }>();
  return (problem, details) => {
    const nowMs = clock.now();
    const kind = kinds.get(problem);
    if (kind !== undefined && nowMs < kind.quietUntilMs) {
      kind.suppressed += 1;
      return;
    }
    log.warn({ ...details, suppressed: kind?.suppressed ?? 0 }, problem);
    kinds.set(problem, { quietUntilMs: nowMs + QUIET_MS, suppressed: 0 });
  };
}
