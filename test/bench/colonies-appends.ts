import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { seal } from "../../examples/colonies-stream/colonies-client/envelope.ts";
import {
  ColoniesClient,
  generatePrivateKey,
} from "../../examples/colonies-stream/colonies-client/index.ts";
import { percentile } from "./statistics.ts";

/** What the other room noticed of the appends. */
export interface AppendsResult {
  readonly perSecond: number;
  /** Delay of the other room's messages, p99, while nothing else went on. */
  readonly quietMs: number;
  /** The same while the appends went on. */
  readonly busyMs: number;
}

const COLONY = "bench";
const PROCESSES = 10;
const ROOM = "bench";
const QUIET_MS = 3000;

/** Has clients append for so long, each request signed, while another room's messages are timed. */
export async function measureAppends(perSecond: number, seconds: number): Promise<AppendsResult> {
  const child = fork(fileURLToPath(new URL("./colonies-server.js", import.meta.url)));
  const [message]: unknown[] = await once(child, "message");
  const { port } = message as { readonly port: number };
  const bodies = await signAppends(port, perSecond * seconds);
  const listener = await listen(port);
  await pause(QUIET_MS);
  const quietMs = percentile(listener.take(), 0.99);
  await send(port, bodies, perSecond);
  const busyMs = percentile(listener.take(), 0.99);
  await stop(child);
  return { perSecond, quietMs, busyMs };
}

/** Signing costs as much as checking does, so it is done before. */
async function signAppends(port: number, count: number): Promise<string[]> {
  const client = new ColoniesClient({ host: "127.0.0.1", port });
  const key = generatePrivateKey();
  client.setPrivateKey(key);
  const ids: string[] = [];
  for (let made = 0; made < PROCESSES; made += 1) {
    const conditions = { colonyname: COLONY, executortype: "bench" };
    const spec = { funcname: "bench", conditions, channels: ["output"] };
    ids.push((await client.submitFunctionSpec(spec)).processid);
  }
  const payload = [
    ...Buffer.from("a line of a program's output, as long as such lines tend to be"),
  ];
  return Array.from({ length: count }, (_, index) => {
    const processid = ids[index % PROCESSES] ?? "";
    const names = { msgtype: "channelappendmsg", processid, name: "output" };
    return JSON.stringify(seal({ ...names, sequence: index + 1, inreplyto: 0, payload }, key));
  });
}

interface Listener {
  /** Delays in ms since it was last asked. */
  take(): number[];
}

async function listen(port: number): Promise<Listener> {
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}/socket/websocket?vsn=2.0.0`);
  let delaysMs: number[] = [];
  await once(webSocket, "open");
  webSocket.on("message", (data: Buffer) => {
    const nowMicros = Number(process.hrtime.bigint() / 1000n);
    const [, , , event, payload] = JSON.parse(data.toString());
    if (event === "time") delaysMs.push((nowMicros - payload.atMicros) / 1000);
  });
  webSocket.send(JSON.stringify(["1", "1", ROOM, "phx_join", {}]));
  return {
    take: () => {
      const taken = delaysMs;
      delaysMs = [];
      return taken;
    },
  };
}

/** Sends at an even pace; fails where an append is not accepted. */
async function send(port: number, bodies: readonly string[], perSecond: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  const startMs = performance.now();
  const answers = bodies.map(async (body, index) => {
    await pause(startMs + (index * 1000) / perSecond - performance.now());
    await post(port, agent, body);
  });
  await Promise.all(answers);
  agent.destroy();
}

function post(port: number, agent: Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const posting = request({ port, agent, method: "POST", path: "/api" }, (response) => {
      response.resume();
      response.on("end", () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`an append was answered ${response.statusCode}`));
      });
    });
    posting.on("error", reject);
    posting.end(body);
  });
}

async function pause(delayMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, delayMs)));
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.disconnect();
  await ended;
}
