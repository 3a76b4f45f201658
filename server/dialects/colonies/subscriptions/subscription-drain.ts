import type { Clock } from "../../../clock.ts";
import type { Connection } from "../../../connections/connection.ts";

/** A client's connection as far as its speed goes. */
export interface Reader {
  readonly connection: Pick<Connection, "waitingBytes">;
  readonly clock: Clock;
  /** Most that may wait for the client before it counts as too slow. */
  readonly maxBacklogBytes: number;
}

const SHORTEST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 100;

/**
 * Waits until a client can be sent so many bytes and still has as much room again for what comes
 * live. Where nothing waits, any amount may be sent.
 *
 * @param isStopped ends the wait
 */
export async function untilDrained(
  { connection, clock, maxBacklogBytes }: Reader,
  byteLength: number,
  isStopped: () => boolean,
): Promise<void> {
  for (
    let waitMs = SHORTEST_WAIT_MS;
    !isStopped();
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
  ) {
    const { waitingBytes } = connection;
    if (waitingBytes === 0 || waitingBytes + byteLength <= maxBacklogBytes / 2) return;
    await new Promise<void>((resolve) => void clock.after(waitMs, resolve));
  }
}
