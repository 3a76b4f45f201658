/** Epochs are short random names. */
const MAX_EPOCH_LENGTH = 255;

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
  if (!isOffset(since) || !isEpoch(epoch)) return "invalid";
  return { since, epoch: epoch ?? undefined };
}

function isEpoch(value: unknown): value is string | null | undefined {
  if (value === undefined || value === null) return true;
  return typeof value === "string" && value.length <= MAX_EPOCH_LENGTH;
}

/** Whether a value can be the offset of an entry, or 0. */
export function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
