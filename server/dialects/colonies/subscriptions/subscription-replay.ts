import type { Message } from "../../../connections/message.ts";
import type { LogPlace, ReadEntries, ReadLimits } from "../channels/channel-reader.ts";
import { frameOf } from "./subscription.ts";
import { type Reader, untilDrained } from "./subscription-drain.ts";

/** Where a replay comes from, and where it goes. */
export interface ReplayContext {
  /** Reads on from a place; undefined where the log cannot be reached. */
  readonly read: (from: LogPlace, limits: ReadLimits) => Promise<ReadEntries | undefined>;
  readonly send: (frame: Message) => void;
  readonly reader: Reader;
  readonly isStopped: () => boolean;
}

/** About the most that a frame has. An entry that is larger has a frame of its own. */
const MAX_FRAME_BYTES = 262_144;
const IN_BASE64 = 4 / 3;
const LIMITS: ReadLimits = { maxEntries: 10_000, maxChars: MAX_FRAME_BYTES / IN_BASE64 };

/**
 * Sends a client what a channel's log has behind a place, as fast as the client reads.
 *
 * @returns the place behind which nothing was a moment ago
 */
export async function replay(
  from: LogPlace,
  { read, send, reader, isStopped }: ReplayContext,
): Promise<LogPlace | "stopped" | "unreachable"> {
  for (let place = from; ; ) {
    // While a slow client is waited for, nothing of the log is held but one frame.
    await untilDrained(reader, MAX_FRAME_BYTES, isStopped);
    if (isStopped()) return "stopped";
    const part = await read(place, LIMITS);
    if (part === undefined) return "unreachable";
    place = part.place;
    if (part.entries.length > 0) {
      const message = frameOf("subscribechannelmsg", part.entries);
      await untilDrained(reader, message.frame.byteLength, isStopped);
      if (isStopped()) return "stopped";
      send(message);
    }
    if (part.isEnd) return place;
  }
}
