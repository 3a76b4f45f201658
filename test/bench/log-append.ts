import { WebSocket } from "ws";
import { createCommonroom } from "../../server/index.ts";

const ROUNDS = 9;
const MESSAGES = 20_000;
/** Broadcasts in one turn of the event loop. */
const BURST = 100;
const LOGGED = "log:bench";
const UNLOGGED = "bench";

/** What one broadcast costs with a log and without, in microseconds: the quietest round of each. */
export interface AppendResult {
  readonly members: number;
  readonly withoutMicros: number;
  readonly withMicros: number;
}

/** Broadcasts to so many plain members, in turns with a log and without. */
export async function measureAppend(members: number): Promise<AppendResult> {
  const commonroom = createCommonroom({
    port: 0,
    logLevel: "silent",
    rooms: [
      { match: "log:*", log: {}, presence: false },
      { match: "*", presence: false },
    ],
  });
  const { port } = await commonroom.listen();
  const joined: WebSocket[] = [];
  for (const room of [LOGGED, UNLOGGED]) {
    for (let index = 0; index < members; index += 1) joined.push(await join(port, room));
  }
  const timeOf = async (room: string): Promise<number> => {
    let spentMs = 0;
    for (let sent = 0; sent < MESSAGES; sent += BURST) {
      const startMs = performance.now();
      for (let n = 0; n < BURST; n += 1) {
        commonroom.io.to(room).emit("said", { n, text: "as long as a message tends to be" });
      }
      spentMs += performance.now() - startMs;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return (spentMs * 1000) / MESSAGES;
  };
  const without: number[] = [];
  const within: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    without.push(await timeOf(UNLOGGED));
    within.push(await timeOf(LOGGED));
  }
  for (const webSocket of joined) webSocket.terminate();
  await commonroom.close();
  return { members, withoutMicros: Math.min(...without), withMicros: Math.min(...within) };
}

async function join(port: number, room: string): Promise<WebSocket> {
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
  await new Promise((resolve) => webSocket.once("open", resolve));
  const answered = new Promise((resolve) => webSocket.once("message", resolve));
  webSocket.send(JSON.stringify({ type: "_join", room, _id: 1 }));
  await answered;
  return webSocket;
}
