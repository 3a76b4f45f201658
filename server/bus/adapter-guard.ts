import type { Counters } from "../counters.ts";
import type { Redis } from "./redis.ts";
import type { TopicListener } from "./subscriptions.ts";

/** What the adapters need of their surroundings. */
export interface AdapterContext {
  readonly redis: Redis;
  readonly counters: Counters;
  /** Largest message of another node that is read. */
  readonly maxMessageBytes: number;
  /** Told of each message of another node that was not understood. */
  readonly onProblem: (problem: string, channel: string) => void;
  /** Told of the rooms of each broadcast of the main namespace that was lost; of none: it was for all. */
  readonly onLost: (rooms: readonly string[]) => void;
}

/** The namespace of the rooms. */
export const MAIN_NAMESPACE = "/";

/** Counts a message of another node that was not understood. */
export function refuse(
  { counters, onProblem }: Pick<AdapterContext, "counters" | "onProblem">,
  channel: Buffer,
): void {
  counters.adapterMessagesRefused += 1;
  onProblem("adapter message not understood", channel.toString("utf8"));
}

/** A listener that refuses what is too large, and that at which it throws. */
export function guarded(
  context: Pick<AdapterContext, "counters" | "onProblem" | "maxMessageBytes">,
  listener: TopicListener,
): TopicListener {
  return (message, channel) => {
    try {
      if (message.length > context.maxMessageBytes) refuse(context, channel);
      else listener(message, channel);
    } catch {
      refuse(context, channel);
    }
  };
}

/**
 * Counts what could not be sent. The adapters ignore what becomes of it.
 *
 * @param rooms those of a broadcast that members are to have
 */
export async function counted(
  context: AdapterContext,
  publishing: Promise<unknown>,
  rooms: readonly string[] | undefined,
): Promise<void> {
  try {
    await publishing;
  } catch {
    context.counters.adapterMessagesLost += 1;
    if (rooms !== undefined) context.onLost(rooms);
  }
}
