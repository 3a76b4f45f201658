import type { Clock } from "../clock.ts";

/** The part of a namespace that has what its clients' acknowledgements are for. Not documented. */
export interface Acknowledging {
  /** Number of the next question that the namespace asks its clients. */
  readonly _ids: number;
  readonly sockets: ReadonlyMap<string, { readonly acks: Map<number, unknown> }>;
}

/** How long acknowledgements of clients are awaited on behalf of another node. */
const MAX_WAIT_MS = 60_000;

/**
 * Forgets, in time, acknowledgements that another node has asked this node's clients for: those that
 * never come are not waited for without end.
 *
 * @param number of the question, as this node's namespace has numbered it
 * @param timeoutMs how long the other node waits, as it says
 */
export function forgetAcknowledgements(
  clock: Clock,
  { sockets }: Acknowledging,
  number: number,
  timeoutMs: unknown,
): void {
  const waitMs = typeof timeoutMs === "number" ? Math.min(timeoutMs, MAX_WAIT_MS) : MAX_WAIT_MS;
  clock.after(Math.max(0, waitMs), () => {
    for (const { acks } of sockets.values()) acks.delete(number);
  });
}
