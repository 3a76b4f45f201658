/** What one contender did in one round. */
export interface Round {
  /** Deliveries or pushes. */
  readonly operations: number;
  readonly elapsedMs: number;
  /** CPU time of the server's process. */
  readonly cpuMicros: number;
  /** Time of each message or push, in ms. */
  readonly latenciesMs: readonly number[];
}

/** One contender of a scenario, ready to run. */
export interface Lane {
  readonly name: string;
  /** Runs for about `durationMs`, and until everything under way has arrived. */
  run(durationMs: number): Promise<Round>;
}

/** How long and how often everything is measured. */
export interface Pace {
  readonly rounds: number;
  readonly roundMs: number;
  readonly warmUpMs: number;
}

/** How much longer than planned a round may take before a message counts as lost. */
const PATIENCE_MS = 20_000;

/**
 * Runs the lanes in turns, A B C, A B C, so that what else the machine does meets all alike.
 *
 * @returns each lane's rounds
 */
export async function runInTurns(lanes: readonly Lane[], pace: Pace): Promise<Round[][]> {
  for (const lane of lanes) await finish(lane, pace.warmUpMs);
  const rounds: Round[][] = lanes.map(() => []);
  for (let turn = 0; turn < pace.rounds; turn += 1) {
    for (const [index, lane] of lanes.entries())
      rounds[index]?.push(await finish(lane, pace.roundMs));
  }
  return rounds;
}

async function finish(lane: Lane, durationMs: number): Promise<Round> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    const fail = () => reject(new Error(`${lane.name}: messages are missing`));
    timer = setTimeout(fail, durationMs + PATIENCE_MS);
  });
  try {
    return await Promise.race([lane.run(durationMs), deadline]);
  } finally {
    clearTimeout(timer);
  }
}
