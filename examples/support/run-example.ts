import { StopList } from "./stop-list.ts";

/** What an example has while it runs. */
export interface Run {
  /** Takes what ends the parts that were started. */
  readonly stops: StopList;
  /** Stops what was started, the last first, and ends the process. */
  end(exitCode: number): Promise<void>;
}

/**
 * Runs an example until Ctrl+C. An error of its start is told in one line, and ends the process
 * with 1.
 */
export async function runExample(start: (run: Run) => Promise<void>): Promise<void> {
  const stops = new StopList();
  const end = async (exitCode: number): Promise<void> => {
    await stops.run();
    process.exit(exitCode);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => void end(0));
  }
  try {
    await start({ stops, end });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    await end(1);
  }
}
