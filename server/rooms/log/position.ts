/** What a client that comes back has seen of a room's log. */
export interface Position {
  /** Offset of the last entry that it has; 0 for none. */
  readonly since: number;
  /** Epoch of the log that it has it from; undefined for whichever. */
  readonly epoch: string | undefined;
}

/**
 * Reads `since` and `epoch` of a join's params.
 *
 * @returns undefined where there is no `since`, `invalid` where one of them cannot be understood
 */
export function readPosition(since: unknown, epoch: unknown): Position | undefined | "invalid" {
  if (since === undefined || since === null) return undefined;
  const isEpoch = epoch === undefined || epoch === null || typeof epoch === "string";
  if (!isOffset(since) || !isEpoch) return "invalid";
  return { since, epoch: epoch ?? undefined };
}

/** Whether a value can be the offset of an entry, or 0. */
export function isOffset(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
