import type { Worker as WorkerProcess } from "node:cluster";
import type { Socket } from "node:net";
import { LostRooms } from "../bus/lost-rooms.ts";
import type { Clock } from "../clock.ts";
import { Backlog } from "./backlog.ts";
import type { ToWorker } from "./ipc.ts";
import type { Bundle } from "./post.ts";

/** How often it is looked whether a worker for which too much waits takes anything. */
const LOOK_EVERY_MS = 1000;
/** How many looks in a row may find that it does not. */
const MAX_SILENT_LOOKS = 10;

/** What a slot needs of its surroundings. */
export interface SlotContext {
  readonly clock: Clock;
  /** Told when the worker takes no messages any more; it is being ended then. */
  readonly onHanging: () => void;
}

/** A worker process as its primary sees it. */
export class Slot {
  /** When the worker was started, in ms since 1970. */
  readonly startedAtMs: number;
  /** Where its siblings reach it; undefined until it serves. */
  innerPort: number | undefined;
  readonly #process: WorkerProcess;
  readonly #context: SlotContext;
  /** Its siblings' connections that are for it and are not on their way yet. */
  readonly #connections = new Set<Socket>();
  readonly #backlog = new Backlog();
  /** What was not passed on, and the worker is not told of yet. */
  readonly #lost = new LostRooms();
  #lostBroadcasts = 0;
  #hasTaken: boolean = false;
  #stopLooking: (() => void) | undefined;
  #isListening: boolean = false;

  constructor(process: WorkerProcess, context: SlotContext) {
    this.#process = process;
    this.#context = context;
    this.startedAtMs = context.clock.now();
    process.once("exit", () => {
      this.#stopLooking?.();
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

  /**
   * Sends a sibling's parcels. Where too much waits already they are dropped, and the worker is told
   * once it has caught up. One that takes nothing at all meanwhile is ended.
   */
  pass(bundle: Bundle): void {
    if (!this.#isListening) return;
    if (this.#backlog.isFull) {
      this.#drop(bundle);
      return;
    }
    const { bytes } = bundle;
    const { byteLength } = bytes;
    this.#backlog.add(byteLength);
    this.tell({ commonroom: "parcels", bytes }, undefined, () => this.#passed(byteLength));
    if (this.#backlog.isFull) this.#look();
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

  #drop({ broadcasts, rooms }: Bundle): void {
    this.#lostBroadcasts += broadcasts;
    if (broadcasts > 0) this.#lost.add({ rooms, lastMs: this.#context.clock.now() });
  }

  #passed(bytes: number): void {
    this.#backlog.remove(bytes);
    this.#hasTaken = true;
    if (this.#backlog.isFull) return;
    this.#stopLooking?.();
    this.#stopLooking = undefined;
    if (this.#lost.isEmpty) return;
    const broadcasts = this.#lostBroadcasts;
    this.#lostBroadcasts = 0;
    this.tell({ commonroom: "lost", broadcasts, ...this.#lost.take() });
  }

  /** Looks are counted, and not the time: a primary that was held up has passed nothing on itself. */
  #look(): void {
    this.#hasTaken = false;
    let silentLooks = 0;
    this.#stopLooking ??= this.#context.clock.every(LOOK_EVERY_MS, () => {
      silentLooks = this.#hasTaken ? 0 : silentLooks + 1;
      this.#hasTaken = false;
      if (silentLooks < MAX_SILENT_LOOKS) return;
      this.#stopLooking?.();
      this.#isListening = false;
      this.#context.onHanging();
      this.kill();
    });
  }
}
