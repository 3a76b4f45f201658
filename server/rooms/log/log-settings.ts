import { parseDurationSecs } from "../../duration.ts";
import { type LogOptions, logSchema } from "../../options.ts";

/** How a room's log is kept. */
export interface LogSettings {
  /** Most messages that are kept. */
  readonly size: number;
  /**
   * How long a message is kept, in ms. A log that refuses keeps all of them for so long after the
   * last one.
   */
  readonly ttlMs: number;
  /**
   * What happens to a log that has no room for a message: it loses its oldest ones, or it refuses
   * the new one. One that refuses is never emptied to make room for others.
   */
  readonly whenFull: "trim" | "refuse";
  /** Most bytes that the payloads may have together. Default: `limits.maxLogBytes`. */
  readonly maxBytes?: number;
}

/**
 * Reads what the configuration or a channel's definition says of a log.
 *
 * @throws ZodError if it is wrong
 */
export function readLogSettings(options: LogOptions): LogSettings {
  const { size, ttl } = logSchema.parse(options);
  return { size, ttlMs: (parseDurationSecs(String(ttl)) ?? 0) * 1000, whenFull: "trim" };
}
