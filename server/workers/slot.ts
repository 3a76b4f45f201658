import type { Worker as WorkerProcess } from "node:cluster";
import type { Socket } from "node:net";
import type { ToWorker } from "./ipc.ts";

/** What may wait for a worker that takes no messages, before it is ended. */
const MAX_WAITING_BYTES = 67_108_864;

/** A worker process as its primary sees it. */
export class Slot {
  /** When the worker was started, in ms since 1970. */
  readonly startedAtMs: number;
  /** Where its siblings reach it; undefined until it serves. */
  innerPort: number | undefined;
  readonly #process: WorkerProcess;
  readonly #onHanging: () => void;
  /** Its siblings' connections that are for it and are not on their way yet. */
  readonly #connections = new Set<Socket>();
  #waitingBytes = 0;
  #isListening: boolean = false;

  /** @param onHanging told when the worker takes no messages any more; it is being ended then */
  constructor(process: WorkerProcess, startedAtMs: number, onHanging: () => void) {
    this.#process = process;
    this.startedAtMs = startedAtMs;
    this.#onHanging = onHanging;
    process.once("exit", () => {
      for (const connection of this.#connections) connection.destroy();
    });
  }

  /** From now on the worker takes messages. */
  listens(): void {
    this.#isListening = true;
  }

  /**
   * Sends a message, unless the worker does not take any.
   *
   * @param done called when it is on its way, or will never be
   */
  tell(message: ToWorker, connection?: Socket, done: () => void = () => {}): void {
    if (!this.#isListening || !this.#process.isConnected()) done();
    else this.#process.send(message, connection, { keepOpen: true }, done);
  }

  /** Sends a sibling's parcels. A worker that hangs would make its primary keep all of them. */
  pass(bundle: Uint8Array): void {
    if (!this.#isListening) return;
    this.#waitingBytes += bundle.byteLength;
    this.tell({ commonroom: "parcels", bundle }, undefined, () => {
      this.#waitingBytes -= bundle.byteLength;
    });
    if (this.#waitingBytes <= MAX_WAITING_BYTES) return;
    this.#isListening = false;
    this.#onHanging();
    this.kill();
  }

  /** Gives it a connection that a sibling has accepted, with what was read of it. */
  handOver(connection: Socket, bytes: Uint8Array): void {
    const letGo = (): void => void connection.destroy();
    this.#connections.add(connection);
    connection.on("error", letGo);
    connection.once("close", () => this.#connections.delete(connection));
    this.tell({ commonroom: "connection", bytes }, connection, letGo);
  }

  /** Ends it at once. */
  kill(): void {
    this.#process.process.kill("SIGKILL");
  }
}
