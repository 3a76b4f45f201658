import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { findPython } from "../room-clients/python-process.ts";
import { outputOf } from "./process-output.ts";
import { until } from "./until.ts";

const execute = promisify(execFile);
const PATIENCE_MS = 5000;

/** A block that can be run: one of `codeBlocks`, or a language and a text. */
export interface RunnableBlock {
  /** `js`, `mjs`, `javascript`, `ts`, `python`, `py`, `sh`, `bash` or `console`. */
  readonly language: string;
  readonly text: string;
}

/** How a block is run; the block itself stays as it is printed. */
export interface RunBlockOptions {
  /**
   * What a reader would change to run it elsewhere: the port of the page is another one in a test.
   * Each must occur, so that no change of the page goes unnoticed.
   */
  readonly replace?: Readonly<Record<string, string>>;
  /** Lines before the block, where it names something that the reader has already. */
  readonly before?: string;
  /** Lines after the block, such as what prints a result. */
  readonly after?: string;
  /** Further environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Folder to run in. Default: one of its own, which has all packages of this project. */
  readonly folder?: string;
}

/**
 * Runs a block in a process of its own, which ends with the test.
 *
 * JavaScript and TypeScript find this project as `commonroom` and its packages by their names, and
 * `await` at the top level works. TypeScript is type-checked first, strictly. The global
 * WebSocket tells of its end as a browser's does. Python finds `redis`, `websockets` and this
 * project's `commonroom`. Of a `console` block, the lines behind `$ ` are run by a shell.
 *
 * @throws if the language is none of these, a replacement does not occur, or the types are wrong
 * @example
 * const program = await runBlock(block, { replace: { "127.0.0.1:2347": `127.0.0.1:${port}` } });
 * await program.printed("hello");
 */
export async function runBlock(
  block: RunnableBlock,
  options: RunBlockOptions = {},
): Promise<RunningBlock> {
  const { replace = {}, before = "", after = "", environment = {} } = options;
  const text = [before, replaced(block.text, replace), after].filter((part) => part !== "");
  const runner = runners.get(block.language);
  if (runner === undefined) throw new Error(`cannot run a block of ${block.language}`);
  const files = await folderWithPackages();
  const { command, args, env = {} } = await runner(files, `${text.join("\n")}\n`);
  const child = spawn(command, args, {
    cwd: options.folder ?? files,
    env: { ...process.env, ...env, ...environment },
    // A group of its own, so that a shell's children end with it.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const running = new RunningBlock(child);
  onTestFinished(async () => {
    await running.stop();
    await rm(files, { recursive: true, force: true, maxRetries: 5 });
  });
  return running;
}

/** A program that was started from a block. */
export class RunningBlock {
  readonly #child: ChildProcess;
  readonly #output: () => string;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#output = outputOf(child);
  }

  /** All that it printed so far, its errors too. */
  get output(): string {
    return this.#output();
  }

  /**
   * Waits until it has printed a text.
   *
   * @param timeoutMs default: 10 s
   * @throws if it ended before, with what it has printed instead
   */
  async printed(text: string | RegExp, timeoutMs = 10_000): Promise<void> {
    const isThere = () =>
      typeof text === "string" ? this.output.includes(text) : text.test(this.output);
    await until(
      `the output ${text}`,
      () => {
        if (isThere()) return true;
        if (this.#hasEnded()) throw new Error(`it ended without ${text}: ${this.output}`);
        return false;
      },
      timeoutMs,
    );
  }

  /**
   * Waits for its end.
   *
   * @param timeoutMs default: 20 s
   * @returns its exit code and all that it printed
   */
  async end(
    timeoutMs = 20_000,
  ): Promise<{ readonly code: number | null; readonly output: string }> {
    await until("the end of the block", () => this.#hasEnded(), timeoutMs);
    return { code: this.#child.exitCode, output: this.output };
  }

  /**
   * Ends it: by SIGTERM, and by SIGKILL after 5 s. What it started ends with it. Harmless when
   * repeated.
   */
  async stop(): Promise<void> {
    this.signal("SIGTERM");
    const deadlineMs = Date.now() + PATIENCE_MS;
    await until("its end", () => this.#hasEnded() || Date.now() > deadlineMs, 2 * PATIENCE_MS);
    // A shell does not wait for those that it has started.
    this.signal("SIGKILL");
    await until("the end of the block", () => this.#hasEnded(), 5000);
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Sends a signal to it and its children. Harmless once it has ended. */
  signal(name: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

type Runner = (folder: string, text: string) => Promise<Command>;

const runners: ReadonlyMap<string, Runner> = new Map([
  ["js", javaScript],
  ["mjs", javaScript],
  ["javascript", javaScript],
  ["ts", typeScript],
  ["python", python],
  ["py", python],
  ["sh", shell],
  ["bash", shell],
  ["console", (folder, text) => shell(folder, commandsOf(text))],
]);

async function javaScript(folder: string, text: string): Promise<Command> {
  const file = join(folder, "block.mjs");
  await writeFile(file, text);
  const preload = join(folder, "websocket.mjs");
  await writeFile(preload, WEBSOCKET);
  return { command: process.execPath, args: ["--import", preload, file] };
}

/** The WebSocket of Node 20 and 22 tells no `close` of a connection that was never open. */
const WEBSOCKET = 'import { WebSocket } from "ws";\nglobalThis.WebSocket = WebSocket;\n';

async function typeScript(folder: string, text: string): Promise<Command> {
  await writeFile(join(folder, "block.mts"), text);
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(TYPES));
  const tsc = resolve("node_modules", "typescript", "bin", "tsc");
  try {
    await execute(process.execPath, [tsc, "-p", folder]);
  } catch (error) {
    throw new Error(`the block's types are wrong: ${(error as { stdout?: string }).stdout}`);
  }
  return { command: process.execPath, args: [join(folder, "block.mjs")] };
}

const TYPES = {
  compilerOptions: {
    strict: true,
    target: "es2022",
    module: "nodenext",
    lib: ["es2023", "dom"],
    types: ["node"],
    skipLibCheck: true,
  },
  files: ["block.mts"],
};

async function python(folder: string, text: string): Promise<Command> {
  const file = join(folder, "block.py");
  await writeFile(file, text);
  const env = {
    PYTHONPATH: resolve("client-shim/python"),
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONUNBUFFERED: "1",
  };
  return { command: findPython(), args: [file], env };
}

async function shell(folder: string, text: string): Promise<Command> {
  const file = join(folder, "block.sh");
  await writeFile(file, text);
  return { command: "bash", args: ["-euo", "pipefail", file] };
}

/** What a person would type: the lines behind the prompt. */
function commandsOf(text: string): string {
  const lines = text.split("\n").filter((line) => line.startsWith("$ "));
  return `${lines.map((line) => line.slice(2)).join("\n")}\n`;
}

function replaced(text: string, replace: Readonly<Record<string, string>>): string {
  let result = text;
  for (const [from, to] of Object.entries(replace)) {
    if (!text.includes(from)) throw new Error(`the block does not contain ${from}`);
    result = result.replaceAll(from, to);
  }
  return result;
}

/** A folder like that of somebody who has installed what the pages name. */
async function folderWithPackages(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "commonroom-block-"));
  const packages = join(folder, "node_modules");
  await mkdir(packages);
  for (const name of await readdir("node_modules")) {
    if (!name.startsWith(".")) await symlink(resolve("node_modules", name), join(packages, name));
  }
  await symlink(resolve("."), join(packages, "commonroom"));
  return folder;
}
