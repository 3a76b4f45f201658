import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type Answer, type Command, isAnswer, type Usage } from "./protocol.ts";

/** The programs in `servers/`. */
export type ServerName =
  | "commonroom"
  | "commonroom-bytes"
  | "commonroom-text"
  | "stock-socket-io"
  | "bare-loop"
  | "bare-reply";

/** A server under test in a process of its own. */
export class ServerProcess {
  readonly port: number;
  readonly #child: ChildProcess;

  constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Has the server send `count` messages to the room. */
  publish(count: number): void {
    this.#tell({ kind: "publish", count });
  }

  /** What the server has used since it started. */
  async usage(collectGarbage = false): Promise<Usage> {
    this.#tell({ kind: "usage", collectGarbage });
    const answer = await nextAnswer(this.#child);
    if (answer.kind !== "usage") throw new Error(`expected usage, got ${answer.kind}`);
    return answer;
  }

  /** Ends the process, and resolves when it has ended. */
  async stop(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.off("exit", failOnExit);
    this.#tell({ kind: "stop" });
    await ended;
  }

  #tell(command: Command): void {
    this.#child.send(command);
  }
}

/**
 * Starts a server's process, and resolves when it listens. `BENCH_NODE_OPTIONS` in the environment
 * reaches it as flags of Node, for a profile: `--cpu-prof --cpu-prof-dir=/tmp/profiles`.
 */
export async function startServer(name: ServerName): Promise<ServerProcess> {
  const program = fileURLToPath(new URL(`./servers/${name}.js`, import.meta.url));
  const execArgv = ["--expose-gc", ...(process.env["BENCH_NODE_OPTIONS"]?.split(" ") ?? [])];
  const child = fork(program, { execArgv });
  child.once("exit", failOnExit);
  const answer = await nextAnswer(child);
  if (answer.kind !== "listening") throw new Error(`expected listening, got ${answer.kind}`);
  return new ServerProcess(child, answer.port);
}

async function nextAnswer(child: ChildProcess): Promise<Answer> {
  const [message]: unknown[] = await once(child, "message");
  if (!isAnswer(message)) throw new Error("not an answer");
  return message;
}

function failOnExit(code: number | null): never {
  throw new Error(`a server under test ended by itself (${code ?? "signal"})`);
}
