import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";

const ROOM = "log:bench";
const PATIENCE_MS = 30_000;

/** How long it took that all came back, and had all that they had missed. */
export interface RecoveryResult {
  readonly clients: number;
  readonly elapsedMs: number;
  /** Messages that were missed, altogether. */
  readonly recovered: number;
  /** Live messages that came meanwhile, altogether. */
  readonly live: number;
}

interface Recovered {
  readonly missed: number;
  readonly live: number;
}

/** Has so many Phoenix clients come back at once, each of which has missed the same 100 messages. */
export async function measureRecovery(clients: number): Promise<RecoveryResult> {
  const child = fork(fileURLToPath(new URL("./log-server.js", import.meta.url)));
  const [message]: unknown[] = await once(child, "message");
  const { port } = message as { readonly port: number };
  const startMs = performance.now();
  const all = await Promise.all(Array.from({ length: clients }, () => recoverOne(port)));
  const elapsedMs = performance.now() - startMs;
  await stop(child);
  const sum = (of: (recovered: Recovered) => number): number =>
    all.reduce((total, recovered) => total + of(recovered), 0);
  return { clients, elapsedMs, recovered: sum((one) => one.missed), live: sum((one) => one.live) };
}

/** Joins, and checks that each message comes once and in its order; waits for a live one, too. */
function recoverOne(port: number): Promise<Recovered> {
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}/socket/websocket?vsn=2.0.0`);
  let joinedAt = -1;
  let last = 0;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("messages are missing")), PATIENCE_MS);
    webSocket.on("error", reject);
    webSocket.on("open", () => {
      webSocket.send(JSON.stringify(["1", "1", ROOM, "phx_join", { since: 0 }]));
    });
    webSocket.on("message", (data: Buffer) => {
      const [, , , event, payload] = JSON.parse(data.toString());
      if (event === "phx_reply") {
        if (payload.response.recovered !== true) reject(new Error("not recovered"));
        joinedAt = payload.response.offset;
        return;
      }
      if (payload._offset !== last + 1) reject(new Error(`${payload._offset} after ${last}`));
      last = payload._offset;
      if (last <= joinedAt) return;
      clearTimeout(timer);
      webSocket.terminate();
      resolve({ missed: joinedAt, live: last - joinedAt });
    });
  });
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.disconnect();
  await ended;
}
