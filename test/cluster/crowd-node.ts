import { type ChildProcess, spawn } from "node:child_process";
import { onTestFinished } from "vitest";
import { until, within } from "../support/until.ts";

/** How a node is started, each time anew. */
export interface NodeSetup {
  readonly name: string;
  readonly port: number;
  readonly redisUrl: string;
  /** The settings file. */
  readonly config: string;
}

const START_MS = 30_000;
const END_MS = 30_000;

/** A node in a process of its own, which can be ended and started again as the same node. */
export class CrowdNode {
  readonly port: number;
  readonly url: string;
  /** When it was told to end, or was killed, in the test's own time. */
  readonly endingsMs: number[] = [];
  /** When its process was stopped, to go on later. */
  readonly stopsMs: number[] = [];
  /** What it has logged; only errors are. */
  errors = "";
  readonly #setup: NodeSetup;
  #child: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  private constructor(setup: NodeSetup) {
    this.#setup = setup;
    this.port = setup.port;
    this.url = `http://127.0.0.1:${setup.port}`;
  }

  /** Starts a node from the build; it ends with the test. */
  static async start(setup: NodeSetup): Promise<CrowdNode> {
    const node = new CrowdNode(setup);
    onTestFinished(() => node.end("SIGKILL"));
    await node.start();
    return node;
  }

  /** Starts it again, and waits until it listens. */
  async start(): Promise<void> {
    const { name, port, redisUrl, config } = this.#setup;
    const args = ["dist/server/cli.js", "serve", "--port", String(port), "--redis", redisUrl];
    args.push("--node", name, "--config", config, "--log-level", "error");
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once("exit", resolve));
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        output += chunk.toString();
        this.errors += errorsIn(chunk.toString());
      });
    }
    const listens = () => /Live page +http:/.test(output) || child.exitCode !== null;
    await until(`${name} to listen`, listens, START_MS);
    if (child.exitCode !== null) throw new Error(`${name} has ended: ${output}`);
  }

  /** Ends it, and waits until it has. */
  async end(name: "SIGTERM" | "SIGKILL"): Promise<void> {
    this.endingsMs.push(performance.now());
    this.#child?.kill(name);
    await within("the end of a node", this.#ended, END_MS);
  }

  /** Stops the process, so that it is silent with all its connections open. */
  pause(): void {
    this.stopsMs.push(performance.now());
    this.#child?.kill("SIGSTOP");
  }

  /** Lets it go on. */
  resume(): void {
    this.#child?.kill("SIGCONT");
  }
}

/** What is not of the lines that every start prints. */
function errorsIn(output: string): string {
  return output
    .split("\n")
    .filter((line) => line.includes('"level"') || /error/i.test(line))
    .join("\n");
}
