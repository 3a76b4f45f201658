import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { outputOf } from "./process-output.ts";
import { until, within } from "./until.ts";

const run = promisify(execFile);

/** An example, compiled into a folder of the test's own, away from a build under way. */
export interface CompiledExample {
  /** The program that the example's command starts. */
  readonly program: string;
  remove(): Promise<void>;
}

/** Compiles the example of a folder as its one command does. */
export async function compileExample(name: string): Promise<CompiledExample> {
  // Within the package, so that its dependencies are found.
  await mkdir("dist", { recursive: true });
  const folder = await mkdtemp(join("dist", `${name}-`));
  const tsc = join("node_modules", "typescript", "bin", "tsc");
  await run(process.execPath, [tsc, "-p", join("examples", name), "--outDir", folder]);
  return {
    program: join(folder, "examples", name, "start.js"),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** How the program ended. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** A running example. */
export class RunningExample {
  readonly #child: ChildProcess;
  readonly #output: () => string;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#output = outputOf(child);
  }

  /** All that the program and its children printed. */
  get output(): string {
    return this.#output();
  }

  /** What it printed behind a label: an address, for instance. */
  printed(label: string): Promise<string> {
    return until(
      `the line "${label}"`,
      () => {
        if (this.#child.exitCode !== null) throw new Error(`it ended: ${this.output}`);
        return new RegExp(`${label} +(\\S+)`).exec(this.output)?.[1];
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
    return { code: child.exitCode, output: this.output };
  }
}

/** Starts an example on free ports; it ends with the test. */
export function startExample(
  example: CompiledExample,
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): RunningExample {
  const ports = ["--port", "0", "--page-port", "0"];
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, [example.program, ...ports, ...args], { env });
  const running = new RunningExample(child);
  onTestFinished(async () => {
    await within("the end of the program", running.stop(), 12_000);
  });
  return running;
}
