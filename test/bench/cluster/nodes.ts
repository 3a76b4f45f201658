import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { isAnswer } from "../protocol.ts";
import { ServerProcess } from "../server-process.ts";
import { type BenchRedis, startRedis } from "./redis.ts";

/** A Redis, and nodes on it, each a process of its own. */
export interface Cluster {
  readonly redis: BenchRedis;
  readonly nodes: readonly ServerProcess[];
}

/** Starts a cluster, has it used, and ends it. */
export async function withCluster<Result>(
  nodeCount: number,
  use: (cluster: Cluster) => Promise<Result>,
): Promise<Result> {
  const redis = await startRedis();
  const children: ChildProcess[] = [];
  const nodes: ServerProcess[] = [];
  for (let started = 0; started < nodeCount; started += 1) {
    const child = forkNode(redis.url);
    children.push(child);
    nodes.push(new ServerProcess(child, await portOf(child)));
  }
  const result = await use({ redis, nodes });
  for (const child of children) child.off("exit", failOnExit);
  await Promise.all(nodes.map((node) => node.stop()));
  await redis.stop();
  return result;
}

/** CPU time of each node since it started, in microseconds. */
export function cpuOf(nodes: readonly ServerProcess[]): Promise<number[]> {
  return Promise.all(nodes.map(async (node) => (await node.usage()).cpuMicros));
}

function forkNode(redisUrl: string): ChildProcess {
  const program = fileURLToPath(new URL("./node.js", import.meta.url));
  const execArgv = ["--expose-gc", ...(process.env["BENCH_NODE_OPTIONS"]?.split(" ") ?? [])];
  return fork(program, [redisUrl], { execArgv }).once("exit", failOnExit);
}

async function portOf(child: ChildProcess): Promise<number> {
  const [message]: unknown[] = await once(child, "message");
  if (!isAnswer(message) || message.kind !== "listening") throw new Error("a node does not listen");
  return message.port;
}

function failOnExit(code: number | null): never {
  throw new Error(`a node ended by itself (${code ?? "signal"})`);
}
