import {
  ColoniesClient,
  generatePrivateKey,
} from "../../examples/colonies-stream/colonies-client/index.ts";
import type { TestServer } from "../support/server.ts";
import { until } from "../support/until.ts";

/** When and how often a client is cut off. */
export interface Cuts {
  readonly count: number;
  /** Waits for the length of a cut. */
  readonly cut: () => Promise<void>;
  /** Waits between two messages. */
  readonly pause: () => Promise<void>;
}

const CHANNEL = "output";
const TIMEOUT_SECS = 300;

/**
 * Follows a channel into which messages go all the time, and after each cut goes on after the
 * sequence that it has.
 *
 * @returns what it was told, in its order; the messages are 1, 2, 3, … with such sequences
 */
export async function surviveColoniesCuts(server: TestServer, cuts: Cuts) {
  const client = new ColoniesClient({ host: "127.0.0.1", port: server.port });
  client.setPrivateKey(generatePrivateKey());
  const conditions = { colonyname: "my-colony", executortype: "none" };
  const spec = { funcname: "speak", conditions, channels: [CHANNEL] };
  const { processid } = await client.submitFunctionSpec(spec);
  let sent = 0;
  let isOver: boolean = false;
  const load = (async () => {
    while (!isOver) {
      await client.channelAppend(processid, CHANNEL, sent + 1, 0, String(sent + 1));
      sent += 1;
      await cuts.pause();
    }
  })();
  const told: { readonly sequence: number; readonly payload: string }[] = [];
  const errors: Error[] = [];
  const follow = () =>
    client.subscribeChannel(
      processid,
      CHANNEL,
      told.at(-1)?.sequence ?? 0,
      TIMEOUT_SECS,
      (entries) => told.push(...entries),
      (error) => errors.push(error),
      () => {},
    );
  for (let cut = 1; cut <= cuts.count; cut += 1) {
    const socket = follow();
    const target = sent + 5;
    await until("messages", () => Number(told.at(-1)?.sequence) >= target);
    socket.terminate();
    await cuts.cut();
  }
  isOver = true;
  await load;
  const socket = follow();
  await until("the rest", () => told.at(-1)?.sequence === sent);
  socket.terminate();
  if (errors.length > 0) throw errors[0];
  return told;
}
