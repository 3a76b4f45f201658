import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { onTestFinished } from "vitest";
import { until, within } from "../support/until.ts";

/** How a server is started. */
export interface WorkersOptions {
  readonly workers?: string;
  /** Further flags, such as `--redis`. */
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a process ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** `commonroom serve --workers` in processes of its own, started as a user starts it. */
export class WorkersProcess {
  readonly ended: Promise<Ended>;
  stdout = "";
  stderr = "";
  readonly #child: ChildProcess;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.ended = new Promise((resolve) => {
      // Not "exit": the last lines come before "close".
      child.once("close", (exitCode, signal) => resolve({ exitCode, signal }));
    });
    child.stdout?.on("data", (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
  }

  /** `http://127.0.0.1:<port>`, once the server has said so. */
  get url(): string {
    return /Live page +(http:\/\/[^/\s]+)\//.exec(this.stdout)?.[1] ?? "";
  }

  get wsUrl(): string {
    return this.url.replace("http", "ws");
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Nobody reads what it prints any more. */
  stopReading(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  /** A signal to the primary and to its workers, as a terminal sends it. */
  async killAll(signal: NodeJS.Signals): Promise<void> {
    for (const pid of [...(await this.workerPids()), this.#child.pid]) {
      if (pid !== undefined) process.kill(pid, signal);
    }
  }

  /** The process ids of the workers that run now. */
  async workerPids(): Promise<number[]> {
    const { pid } = this.#child;
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
    return children.trim().split(" ").filter(Boolean).map(Number);
  }

  /** What each worker says of itself, by its number; asks until all have. */
  async health(workers = 2): Promise<ReadonlyMap<number, { readonly connections: number }>> {
    const told = new Map<number, { readonly connections: number }>();
    await until(
      "every worker's health",
      async () => {
        const status = await this.#anyHealth();
        if (status !== undefined) told.set(status.worker, status);
        return told.size === workers;
      },
      15_000,
    );
    return told;
  }

  /** A connection on its way to a worker that has just been killed is closed. */
  async #anyHealth(): Promise<{ worker: number; connections: number } | undefined> {
    try {
      const answer = await fetch(`${this.url}/health`, { headers: { connection: "close" } });
      return (await answer.json()) as { worker: number; connections: number };
    } catch {
      return undefined;
    }
  }

  /** The lines on standard error that begin with the command's name. */
  get problems(): readonly string[] {
    return this.stderr.split("\n").filter((line) => line.startsWith("commonroom: "));
  }

  end(): Promise<Ended> {
    return within("the server to end", this.ended, 15_000);
  }
}

/** Starts a server, whether it comes to serve or not; it ends with the test. */
export function runWorkers({ workers = "2", flags = [], environment = {} }: WorkersOptions = {}) {
  const args = ["dist/server/cli.js", "serve", "--workers", workers];
  const port = flags.includes("--port") ? [] : ["--port", "0"];
  const child = spawn(process.execPath, [...args, ...port, ...flags], {
    env: { PATH: process.env["PATH"], LOG_LEVEL: "error", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const server = new WorkersProcess(child);
  onTestFinished(async () => {
    child.kill("SIGTERM");
    // A second signal ends it at once.
    const impatient = setTimeout(() => child.kill("SIGTERM"), 8000);
    await server.ended;
    clearTimeout(impatient);
  });
  return server;
}

/** Starts a server, and waits until all workers serve. */
export async function startWorkers(options: WorkersOptions = {}): Promise<WorkersProcess> {
  const server = runWorkers(options);
  const hasEnded = server.ended.then(() => {
    throw new Error(`the server ended: ${server.stderr}`);
  });
  await Promise.race([
    until("the server to serve", () => /Tokens .*\n/.test(server.stdout), 15_000),
    hasEnded,
  ]);
  return server;
}
