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
}

/** Counts a message of another node that was not understood. */
export function refuse({ counters, onProblem }: AdapterContext, channel: Buffer): void {
  counters.adapterMessagesRefused += 1;
  onProblem("adapter message not understood", channel.toString("utf8"));
}

/** A listener that refuses what is too large, and that at which it throws. */
export function guarded(context: AdapterContext, listener: TopicListener): TopicListener {
  return (message, channel) => {
    try {
      if (message.length > context.maxMessageBytes) refuse(context, channel);
      else listener(message, channel);
    } catch {
      refuse(context, channel);
    }
  };
}

/** Counts what could not be sent. The adapters ignore what becomes of it. */
export async function counted(context: AdapterContext, publishing: Promise<unknown>) {
  try {
    await publishing;
  } catch {
    context.counters.adapterMessagesLost += 1;
  }
}
