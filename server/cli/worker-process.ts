import type { Socket } from "node:net";
import { hostname } from "node:os";
import { systemClock } from "../clock.ts";
import { type Commonroom, createCommonroom } from "../commonroom.ts";
import type { Options } from "../options.ts";
import { type Assignment, isFromPrimary, type ToPrimary } from "../workers/ipc.ts";
import { Worker } from "../workers/worker.ts";
import { firstLine, listenProblem } from "./banner.ts";
import { outliveReaders, printProblems } from "./output.ts";

/** One worker process of `commonroom serve --workers`. Its primary tells it what to do. */
class WorkerRun {
  #worker: Worker | undefined;
  #room: Commonroom | undefined;
  #isEnding: boolean = false;

  receive(message: unknown, connection: Socket | undefined): void {
    if (!isFromPrimary(message)) return;
    if (message.commonroom === "start") void this.#start(message);
    else if (message.commonroom === "stop") this.end();
    else this.#worker?.receive(message, connection);
  }

  /**
   * Ends in good order. A signal to the whole group of processes comes here too, beside the
   * primary's word: both mean the same.
   */
  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#close().then(
      () => process.exit(0),
      (error: unknown) => {
        printProblems([`could not close in order: ${firstLine(error)}`]);
        process.exit(1);
      },
    );
  }

  async #start(assignment: Assignment): Promise<void> {
    const { options } = assignment;
    try {
      const worker = new Worker({ assignment, clock: systemClock, tell, onCrash });
      this.#worker = worker;
      const node = nodeName(options, worker.place.number);
      const room = createCommonroom({ ...options, node }, { worker: worker.place });
      this.#room = room;
      const innerPort = await worker.listen();
      const address = await room.listen();
      const { redis } = room.status();
      tell({ commonroom: "listening", address, innerPort, redis });
    } catch (error) {
      // One that was told to end meanwhile ends by itself.
      if (this.#isEnding) return;
      const problem = listenProblem(error, options);
      tell({ commonroom: "failed", problem }, undefined, () => process.exit(1));
    }
  }

  async #close(): Promise<void> {
    await this.#room?.close();
    await this.#worker?.close();
  }
}

/** Each worker is a node, and the one that takes its place is the same node. */
function nodeName({ node, port }: Options, worker: number): string {
  // Without a port of its own a server is known by its primary.
  return `${node ?? `${hostname()}:${port === 0 ? process.ppid : port}`}/${worker}`;
}

function tell(message: ToPrimary, connection?: Socket, done: () => void = () => {}): void {
  // Without a primary this process is about to end.
  if (process.connected !== true || process.send === undefined) done();
  else process.send(message, connection, { keepOpen: true }, done);
}

/** What a sibling sends is our own: an error in it is one of ours. */
function onCrash(error: unknown): void {
  printProblems([`a message of another worker failed: ${firstLine(error)}`]);
}

outliveReaders();
const run = new WorkerRun();
process.on("message", (message, connection) => run.receive(message, connection as Socket));
process.on("SIGTERM", () => run.end());
process.on("SIGINT", () => run.end());
tell({ commonroom: "hello" });
