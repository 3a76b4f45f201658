import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { outputOf } from "../support/process-output.ts";

const PYTHON_PATH = "client-shim/python";

/** A Python that can import `websockets`. */
export function findPython(): string {
  const found = ["python3", "/usr/bin/python3"].find(
    (python) => spawnSync(python, ["-c", "import websockets"]).status === 0,
  );
  if (found === undefined) {
    throw new Error("the Python package websockets is missing: apt-get install python3-websockets");
  }
  return found;
}

/** Starts a program, with the room client's package on its path. */
export function startPython(args: readonly string[], morePaths = ""): ChildProcess {
  const path = morePaths === "" ? PYTHON_PATH : `${PYTHON_PATH}:${morePaths}`;
  const env = { ...process.env, PYTHONPATH: path, PYTHONDONTWRITEBYTECODE: "1" };
  return spawn(findPython(), args, { env });
}

/** Runs a program to its end; gives all that it printed. */
export async function runPython(args: readonly string[], morePaths = ""): Promise<string> {
  const program = startPython(args, morePaths);
  const output = outputOf(program);
  await once(program, "close");
  return output();
}

interface Waiting {
  readonly resolve: (answer: string) => void;
  readonly reject: (error: Error) => void;
}

/** A Python program that answers JSON lines with JSON lines. */
export class PythonProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #complaints = "";

  constructor(program: string) {
    const child = startPython([program]);
    this.#child = child;
    child.stderr?.on("data", (chunk: Buffer) => {
      this.#complaints += chunk.toString();
    });
    child.once("exit", () => this.#ended());
    if (child.stdout === null) throw new Error("no output");
    createInterface({ input: child.stdout }).on("line", (line) => this.#answered(line));
  }

  /** What it wrote to its error output. */
  get complaints(): string {
    return this.#complaints;
  }

  /** Hands over a request that has a number `n`; resolves with the answer of that number. */
  ask(request: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(numberOf(request), { resolve, reject });
      this.#child.stdin?.write(`${request}\n`);
    });
  }

  /** Ends the process, and waits for its end. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }

  #answered(line: string): void {
    const n = numberOf(line);
    this.#waiting.get(n)?.resolve(line);
    this.#waiting.delete(n);
  }

  #ended(): void {
    const error = new Error(`Python has ended: ${this.#complaints}`);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function numberOf(line: string): number {
  const { n } = JSON.parse(line) as { readonly n: number };
  return n;
}
