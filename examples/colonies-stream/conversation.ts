import { answerTo } from "./answer.ts";
import type { ColoniesClient, MsgEntry } from "./colonies-client/index.ts";

const CHANNEL = "chat";
const SUBSCRIPTION_SECS = 3600;
const RETRY_MS = 1000;

/**
 * Answers each message of a process's channel `chat`, with `inReplyTo` set to its number.
 *
 * @param ownId the executor's own identity, whose messages are no questions
 * @returns ends it, once the questions that came are answered
 */
export function answerQuestions(
  client: ColoniesClient,
  processId: string,
  ownId: string,
): () => Promise<void> {
  const taken = new Set<string>();
  let lastSequence = 0;
  let isOver = false;
  let answering = Promise.resolve();

  async function answer({ sequence, payload }: MsgEntry): Promise<void> {
    const text = await answerTo(payload);
    // One numbering for both sides: each takes the next number that it knows of.
    lastSequence += 1;
    await client.channelAppend(processId, CHANNEL, lastSequence, sequence, text);
  }

  function take(entry: MsgEntry): void {
    lastSequence = Math.max(lastSequence, entry.sequence);
    const name = `${entry.senderid} ${entry.sequence}`;
    if (entry.senderid === ownId || taken.has(name)) return;
    taken.add(name);
    answering = answering.then(() => answer(entry)).catch(report);
  }

  function subscribe() {
    const onEntries = (entries: MsgEntry[]) => entries.forEach(take);
    return client.subscribeChannel(
      processId,
      CHANNEL,
      0,
      SUBSCRIPTION_SECS,
      onEntries,
      report,
      // A connection may be lost. What was taken before is known.
      () => {
        if (!isOver) retry = setTimeout(again, RETRY_MS);
      },
    );
  }
  function again(): void {
    subscription = subscribe();
  }

  let retry: NodeJS.Timeout | undefined;
  let subscription = subscribe();
  return async () => {
    isOver = true;
    clearTimeout(retry);
    subscription.close();
    await answering;
  };
}

function report(error: unknown): void {
  console.error(`executor: chat: ${error instanceof Error ? error.message : String(error)}`);
}
