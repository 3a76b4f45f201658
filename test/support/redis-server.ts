import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type RedisClientType } from "redis";
import { onTestFinished } from "vitest";
import { until } from "./until.ts";

const FIRST_PORT = 24_000;
const LAST_PORT = 32_000;
const MISSING = "redis-server is missing: apt-get install redis-server";

/** A real Redis server of the test's own, on a free port, without persistence. */
export class RedisServer {
  readonly port: number;
  readonly url: string;
  readonly #directory: string;
  readonly #flags: readonly string[];
  #process: ChildProcess | undefined;

  /** @param flags further settings of the server */
  constructor(port: number, directory: string, flags: readonly string[] = []) {
    this.#flags = flags;
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.#directory = directory;
  }

  /** Starts the server and waits until it answers. */
  async start(): Promise<void> {
    const flags = [
      "--port",
      String(this.port),
      "--bind",
      "127.0.0.1",
      "--save",
      "",
      "--appendonly",
      "no",
      "--dir",
      this.#directory,
      ...this.#flags,
    ];
    const child = spawn("redis-server", flags, { stdio: "ignore" });
    this.#process = child;
    const failed = new Promise<never>((_resolve, reject) => {
      child.on("error", () => reject(new Error(MISSING)));
      child.on("exit", (code) => reject(new Error(`redis-server ended with ${code}: ${flags}`)));
    });
    await Promise.race([until("redis-server to answer", () => answers(this.url)), failed]);
  }

  /** Stops the server's process as it is, or lets it go on. */
  signal(name: "SIGSTOP" | "SIGCONT"): void {
    this.#process?.kill(name);
  }

  /** Ends the server at once, as a crash would. Harmless when repeated. */
  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }
}

/** Whether a Redis lets in who connects with a URL. */
export async function answers(url: string): Promise<boolean> {
  const client = createClient({ url, socket: { reconnectStrategy: false } });
  client.on("error", () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    if (client.isOpen) client.destroy();
  }
}

/**
 * Starts a Redis server; it ends with the test.
 *
 * @param flags further settings of the server
 */
export async function startRedis(flags: readonly string[] = []): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), "commonroom-redis-"));
  const server = new RedisServer(await freePort(), directory, flags);
  onTestFinished(async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });
  await server.start();
  return server;
}

/** A backend's connection to Redis; it is closed when the test ends. */
export async function connectBackend(url: string): Promise<RedisClientType> {
  const client: RedisClientType = createClient({ url });
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => {
    if (client.isOpen) client.destroy();
  });
  return client;
}

let lastPort = randomInt(FIRST_PORT, LAST_PORT);

/**
 * A port that was free a moment ago, another each time. The system gives it to nobody who asks for
 * any: those are from 32768 on, and files that run at the same time ask for many.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    lastPort = lastPort + 1 < LAST_PORT ? lastPort + 1 : FIRST_PORT;
    const port = lastPort;
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
