import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "redis";
import { endChild } from "./child.ts";
import type { StopList } from "./stop-list.ts";

const USUAL_URL = "redis://127.0.0.1:6379";
const CONNECT_TIMEOUT_MS = 2000;
const START_TIMEOUT_MS = 5000;
const POLL_MS = 50;
const MISSING =
  "Redis is missing: apt-get install redis-server (or brew install redis), or set REDIS_URL";

/** A Redis that answers. */
export interface Redis {
  readonly url: string;
  /** Where it comes from, for people. */
  readonly origin: string;
}

/**
 * Finds a Redis: the given one, else the one at the usual place, else one of its own.
 *
 * @param stops takes what ends the one of its own
 * @throws Error with one line for the user if there is none
 */
export async function findRedis(givenUrl: string | undefined, stops: StopList): Promise<Redis> {
  const url = givenUrl ?? USUAL_URL;
  const problem = await ask(url);
  if (problem === undefined) {
    return { url, origin: givenUrl === undefined ? "found there" : "from REDIS_URL" };
  }
  if (givenUrl !== undefined) throw new Error(`the Redis of REDIS_URL: ${problem.message}`);
  if (!isRefusedConnection(problem)) throw new Error(`Redis at ${USUAL_URL}: ${problem.message}`);
  return startRedis(stops);
}

async function startRedis(stops: StopList): Promise<Redis> {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const flags = `--port ${port} --bind 127.0.0.1 --appendonly no`.split(" ");
  // In a process group of its own, so that Ctrl+C does not end it before those who use it.
  const child = spawn("redis-server", [...flags, "--save", "", "--dir", tmpdir()], {
    stdio: "ignore",
    detached: true,
  });
  stops.add(() => endChild(child));
  try {
    await once(child, "spawn");
  } catch (error) {
    throw new Error(MISSING, { cause: error });
  }
  await untilItAnswers(url, child);
  return { url, origin: "started for this run" };
}

async function untilItAnswers(url: string, child: ChildProcess): Promise<void> {
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  while ((await ask(url)) !== undefined) {
    if (child.exitCode !== null || Date.now() > deadlineMs) {
      throw new Error("redis-server was started and does not answer");
    }
    await sleep(POLL_MS);
  }
}

/** What is wrong with a Redis; undefined if it answers. */
async function ask(url: string): Promise<Error | undefined> {
  const socket = { reconnectStrategy: false, connectTimeout: CONNECT_TIMEOUT_MS } as const;
  const client = createClient({ url, socket });
  // The same error rejects the call below.
  client.on("error", () => {});
  try {
    await client.connect();
    await client.ping();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    if (client.isOpen) client.destroy();
  }
}

function isRefusedConnection(problem: Error): boolean {
  return "code" in problem && problem.code === "ECONNREFUSED";
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("no free port");
  return address.port;
}
