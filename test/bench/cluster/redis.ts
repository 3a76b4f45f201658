import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient, type RedisClientType } from "redis";
import { within } from "../../support/until.ts";
import { listening } from "../servers/listening.ts";

/** What a Redis has done since it started. */
export interface RedisUsage {
  readonly commands: number;
  /** What it was sent, and what it sent. */
  readonly inputBytes: number;
  readonly outputBytes: number;
}

/** What a Redis has done in a time. */
export interface TimedUsage extends RedisUsage {
  readonly elapsedMs: number;
}

/** Redis is idle where it got fewer commands in such a time: nodes always send some. */
const IDLE_COMMANDS = 80;
const IDLE_MS = 500;

/** A busy process writes once in a turn of its event loop: with Node's 16 kB most would wait. */
const LARGE_BUFFER = { noDelay: true, writableHighWaterMark: 4_194_304 };
/** A saturated machine is a result, not a failure; and a timer for each command costs CPU. */
const PATIENT = { timeout: 0 };

/** A Redis server of the bench's own, without persistence, and a connection to it. */
export class BenchRedis {
  readonly url: string;
  readonly client: RedisClientType;
  readonly #child: ChildProcess;
  /** What the bench's own questions have cost. */
  #answerBytes = 0;

  constructor(url: string, client: RedisClientType, child: ChildProcess) {
    this.url = url;
    this.client = client;
    this.#child = child;
  }

  /** Measures what Redis does from when it is idle until it is so again, and the result is asked. */
  async measure(): Promise<() => Promise<TimedUsage>> {
    const before = await this.#readIdle();
    const startMs = performance.now();
    return async () => {
      const after = await this.#readIdle();
      return {
        commands: after.commands - before.commands,
        inputBytes: after.inputBytes - before.inputBytes,
        outputBytes: after.outputBytes - before.outputBytes,
        elapsedMs: performance.now() - startMs,
      };
    };
  }

  /** Ends the server. */
  async stop(): Promise<void> {
    this.client.destroy();
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  /** Waits for what is under way: a busy node's own members have a message before Redis has it. */
  async #readIdle(): Promise<RedisUsage> {
    for (let former = await this.#read(); ; ) {
      await sleep(IDLE_MS);
      const latest = await this.#read();
      if (latest.commands - former.commands < IDLE_COMMANDS) return latest;
      former = latest;
    }
  }

  async #read(): Promise<RedisUsage> {
    const answer = String(await this.client.sendCommand(["INFO", "stats", "commandstats"]));
    let commands = 0;
    for (const [, name, calls] of answer.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)) {
      if (name !== "info") commands += Number(calls);
    }
    const outputBytes = numberIn(answer, /^total_net_output_bytes:(\d+)/m) - this.#answerBytes;
    // An answer is counted after it has been made, so not in itself.
    this.#answerBytes += Buffer.byteLength(answer);
    return { commands, inputBytes: numberIn(answer, /^total_net_input_bytes:(\d+)/m), outputBytes };
  }
}

/** Starts a Redis server on a free port. It ends with this process at the latest. */
export async function startRedis(): Promise<BenchRedis> {
  const reserved = createServer();
  const port = await listening(reserved);
  reserved.close();
  await once(reserved, "close");
  const flags = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const child = spawn("redis-server", [...flags, "--dir", tmpdir()], { stdio: "ignore" });
  const killIt = (): void => {
    child.kill("SIGKILL");
  };
  const exit = (): never => process.exit(1);
  process.once("exit", killIt).once("SIGTERM", exit);
  child.once("exit", () => process.off("exit", killIt).off("SIGTERM", exit));
  const missing = once(child, "error").then(([error]) => {
    throw new Error(`redis-server does not start: ${String(error)}`);
  });
  const url = `redis://127.0.0.1:${port}`;
  const client: RedisClientType = createClient({
    url,
    socket: LARGE_BUFFER,
    commandOptions: PATIENT,
  });
  // The first attempts may come too early. A Redis that goes away later fails what it is asked.
  client.on("error", () => {});
  await Promise.race([within("redis-server to answer", client.connect()), missing]);
  return new BenchRedis(url, client, child);
}

function numberIn(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`Redis does not tell ${pattern.source}`);
  return Number(found);
}
