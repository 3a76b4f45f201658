import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Locator, Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { until, within } from "../support/until.ts";

const run = promisify(execFile);

/** The example, compiled into a folder of the test's own, away from a build under way. */
export class CompiledExample {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get program(): string {
    return join(this.#folder, "examples/host-monitor/start.js");
  }

  remove(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true });
  }
}

/** Compiles the example as its one command does. */
export async function compileExample(): Promise<CompiledExample> {
  // Within the package, so that its dependencies are found.
  await mkdir("dist", { recursive: true });
  const folder = await mkdtemp(join("dist", "host-monitor-"));
  const tsc = join("node_modules", "typescript", "bin", "tsc");
  await run(process.execPath, [tsc, "-p", "examples/host-monitor", "--outDir", folder]);
  return new CompiledExample(folder);
}

/** How the program ended. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** The running example. */
export class HostMonitor {
  readonly #child: ChildProcess;
  #output = "";

  constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
    }
  }

  /** All that the program and its backend printed. */
  get output(): string {
    return this.#output;
  }

  /** The page's address, as printed. */
  url(): Promise<string> {
    return until(
      "the address of the page",
      () => {
        if (this.#child.exitCode !== null) throw new Error(`it ended: ${this.#output}`);
        return /Host monitor +(http\S+)/.exec(this.#output)?.[1];
      },
      10_000,
    );
  }

  /** Asks it to stop, and waits for its end. */
  stop(): Promise<Ended> {
    if (this.#child.exitCode === null) this.#child.kill("SIGTERM");
    return this.end();
  }

  /** Waits for its end. */
  async end(): Promise<Ended> {
    const child = this.#child;
    const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
    await until("the end of the program", hasEnded, 10_000);
    return { code: child.exitCode, output: this.#output };
  }
}

/** Starts the example on free ports; it ends with the test. */
export function startHostMonitor(
  example: CompiledExample,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): HostMonitor {
  const ports = ["--port", "0", "--page-port", "0"];
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, [example.program, ...ports, ...args], { env });
  const monitor = new HostMonitor(child);
  onTestFinished(async () => {
    await within("the end of the program", monitor.stop(), 12_000);
  });
  return monitor;
}

/** One of the page's plots, as its user sees it. */
export class Plot {
  readonly #region: Locator;

  constructor(page: Page, client: string) {
    this.#region = page.getByRole("region", { name: client, exact: true });
  }

  /** The text of one figure. */
  async figure(name: string): Promise<string> {
    return (await this.#region.locator(`[data-figure="${name}"]`).textContent()) ?? "";
  }

  /** How many samples were drawn. */
  async samples(): Promise<number> {
    return Number(await this.figure("samples"));
  }

  /** When the last sample was taken, in milliseconds since 1970. */
  async lastTimeMs(): Promise<number> {
    return Date.parse((await this.#region.locator("time").getAttribute("datetime")) ?? "");
  }

  /** The picture that was drawn. */
  picture(): Promise<unknown> {
    return this.#region
      .locator("canvas")
      .evaluate((canvas: { toDataURL(): string }) => canvas.toDataURL());
  }
}
