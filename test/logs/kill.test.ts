import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  ColoniesClient,
  generatePrivateKey,
} from "../../examples/colonies-stream/colonies-client/index.ts";
import { times } from "../support/long.ts";
import { urlOf } from "../support/process-output.ts";
import { connectRaw } from "../support/raw-client.ts";
import { startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";

const ROOM = "log:a";
const KILLS = times(50, 12);
const PER_NODE = 20;
const DEADLINE_MS = 180_000;
const SETTINGS = `[[rooms]]\nmatch = "log:*"\nlog = { size = 100000 }\n`;

interface Node {
  readonly wsUrl: string;
  readonly port: number;
  kill(): Promise<void>;
}

async function writeSettings(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "commonroom-kill-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "settings.toml");
  await writeFile(file, SETTINGS);
  return file;
}

/** Starts a node in a process of its own, from the build. */
async function startNode(redisUrl: string, file: string): Promise<Node> {
  const flags = ["--port", "0", "--redis", redisUrl, "--config", file, "--log-level", "error"];
  const args = ["dist/server/cli.js", "serve", ...flags];
  const child: ChildProcess = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  onTestFinished(kill);
  const url = await urlOf(child);
  return { wsUrl: url.replace("http", "ws"), port: Number(new URL(url).port), kill };
}

/** Pushes without waiting, and kills the node at some answer; gives what was acknowledged. */
async function pushUntilKilled(node: Node, from: number, killAfter: number): Promise<number[]> {
  const client = await connectRaw(`${node.wsUrl}/ws`);
  client.send({ type: "_join", room: ROOM, _id: "join" });
  await client.next();
  const acknowledged: number[] = [];
  const isKilled = new Promise<void>((resolve) => {
    client.webSocket.on("message", (data: Buffer) => {
      const { _re, status } = JSON.parse(data.toString());
      if (typeof _re !== "number" || status !== "ok") return;
      acknowledged.push(_re);
      if (acknowledged.length === killAfter) resolve(node.kill());
    });
  });
  for (let n = from; n < from + PER_NODE; n += 1) client.send({ n, _room: ROOM, _id: n });
  await isKilled;
  await client.closed;
  return acknowledged;
}

/** Appends to a channel without waiting, and kills the node at some answer. */
async function appendUntilKilled(node: Node, channel: Channel, from: number, killAfter: number) {
  const client = clientOf(node.port);
  const acknowledged: number[] = [];
  const numbers = Array.from({ length: PER_NODE }, (_, index) => from + index);
  await Promise.allSettled(
    numbers.map(async (n) => {
      await client.channelAppend(channel.processid, CHANNEL, n, 0, String(n));
      acknowledged.push(n);
      if (acknowledged.length === killAfter) await node.kill();
    }),
  );
  return acknowledged;
}

interface Channel {
  readonly processid: string;
}

const CHANNEL = "output";
const COLONIES_KILLS = 5;
const KEY = generatePrivateKey();

function clientOf(port: number): ColoniesClient {
  const client = new ColoniesClient({ host: "127.0.0.1", port });
  client.setPrivateKey(KEY);
  return client;
}

describe("A node that is killed while a ColonyOS client appends through it", () => {
  it(
    `loses no acknowledged entry, ${COLONIES_KILLS} times`,
    async () => {
      const redis = await startRedis();
      const file = await writeSettings();
      const reader = clientOf((await startServer({ redisUrl: redis.url })).port);
      const conditions = { colonyname: "my-colony", executortype: "none" };
      const spec = { funcname: "speak", conditions, channels: [CHANNEL] };
      const channel = await reader.submitFunctionSpec(spec);
      const acknowledged: number[] = [];
      let starting = startNode(redis.url, file);
      for (let kill = 0; kill < COLONIES_KILLS; kill += 1) {
        const node = await starting;
        if (kill + 1 < COLONIES_KILLS) starting = startNode(redis.url, file);
        const from = 1 + kill * PER_NODE;
        acknowledged.push(...(await appendUntilKilled(node, channel, from, 1 + kill)));
      }
      const entries = await reader.channelRead(channel.processid, CHANNEL, 0, 0);
      const logged = entries.map(({ sequence }) => sequence);
      expect(acknowledged.length).toBeGreaterThanOrEqual(COLONIES_KILLS);
      expect(logged).toEqual(expect.arrayContaining(acknowledged));
      expect(new Set(logged).size).toBe(logged.length);
    },
    DEADLINE_MS,
  );
});

describe("A node that is killed while a client pushes through it", () => {
  it(
    `loses no acknowledged message, ${KILLS} times`,
    async () => {
      const redis = await startRedis();
      const file = await writeSettings();
      const reader = await startServer({
        redisUrl: redis.url,
        rooms: [{ match: "log:*", log: { size: 100_000 } }],
      });
      const acknowledged: number[] = [];
      let starting = startNode(redis.url, file);
      for (let kill = 0; kill < KILLS; kill += 1) {
        const node = await starting;
        if (kill + 1 < KILLS) starting = startNode(redis.url, file);
        const killAfter = 1 + (kill % PER_NODE);
        acknowledged.push(...(await pushUntilKilled(node, kill * PER_NODE, killAfter)));
      }
      const logged: number[] = [];
      for (let after = 0; ; ) {
        const answer = await fetch(`${reader.url}/rooms/${ROOM}/log?after=${after}&limit=1000`);
        const { entries } = (await answer.json()) as {
          entries: { offset: number; payload: { n: number } }[];
        };
        if (entries.length === 0) break;
        after = entries.at(-1)?.offset ?? after;
        logged.push(...entries.map(({ payload }) => payload.n));
      }
      expect(acknowledged.length).toBeGreaterThanOrEqual(KILLS);
      expect(logged).toEqual(expect.arrayContaining(acknowledged));
      expect(new Set(logged).size).toBe(logged.length);
      expect(logged).toEqual([...logged].sort((a, b) => a - b));
    },
    DEADLINE_MS,
  );
});
