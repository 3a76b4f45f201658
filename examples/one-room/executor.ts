import type { Stop } from "../support/stop-list.ts";
import { CHANNEL, type TheRoom } from "./room.ts";
import { Terminal } from "./terminal.ts";

const FROM_THE_START = 0;
const SUBSCRIPTION_SECS = 86_400;

/** An executor of ColonyOS in the room. */
export interface RunningExecutor {
  readonly terminal: Terminal;
  readonly stop: Stop;
}

/** Follows the process's channel, and appends to it. */
export function startExecutor({ executor, executorId, processId }: TheRoom): RunningExecutor {
  let sequence = 0;
  const terminal = new Terminal(async (text) => {
    sequence += 1;
    await executor.channelAppend(processId, CHANNEL, sequence, 0, text);
  });
  const subscription = executor.subscribeChannel(
    processId,
    CHANNEL,
    FROM_THE_START,
    SUBSCRIPTION_SECS,
    (entries) => {
      // The channel tells its followers their own entries, too.
      const others = entries.filter(({ senderid }) => senderid !== executorId);
      for (const { payload } of others) terminal.print(payload);
    },
    (error) => terminal.print(error.message),
    () => terminal.print("the subscription is over"),
  );
  const stop = async (): Promise<void> => subscription.close();
  return { terminal, stop };
}
