import { parseDurationSecs } from "../../duration.ts";
import { type LogOptions, logSchema } from "../../options.ts";

/** How a room's log is kept. */
export interface LogSettings {
  /** Most messages that are kept. */
  readonly size: number;
  /** How long a message is kept, in ms. */
  readonly ttlMs: number;
}

/**
 * Reads what the configuration or a channel's definition says of a log.
 *
 * @throws ZodError if it is wrong
 */
export function readLogSettings(options: LogOptions): LogSettings {
  const { size, ttl } = logSchema.parse(options);
  return { size, ttlMs: (parseDurationSecs(String(ttl)) ?? 0) * 1000 };
}
