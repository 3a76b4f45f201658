import cluster, { type Worker as WorkerProcess } from "node:cluster";
import type { Socket } from "node:net";
import type { Clock } from "../clock.ts";
import type { ListenAddress } from "../listen.ts";
import type { Options } from "../options.ts";
import type { Status } from "../status.ts";
import { Crashes } from "./crashes.ts";
import { isFromWorker, type ToPrimary, type ToWorker } from "./ipc.ts";
import { closeUndelivered } from "./undelivered.ts";

/** What a primary needs of its surroundings. */
export interface PrimaryContext {
  /** What each worker serves. */
  readonly options: Options;
  /** How many workers. */
  readonly count: number;
  /** The module that a worker runs. */
  readonly entry: string;
  /** See {@link WorkerPlace.runSecret}. */
  readonly runSecret: string;
  readonly clock: Clock;
  /** Told once, when all workers serve. */
  readonly onServing: (address: ListenAddress, redis: Status["redis"]) => void;
  /** Told of what went wrong, in a line. */
  readonly onProblem: (problem: string) => void;
  /** Told when the last worker has ended: 0 after an orderly end, else 1. */
  readonly onEnd: (exitCode: 0 | 1) => void;
}

/** A worker as its primary sees it. */
interface Slot {
  readonly process: WorkerProcess;
  readonly startedAtMs: number;
  /** Where its siblings reach it; undefined until it serves. */
  innerPort: number | undefined;
  /** Whether it takes messages. */
  isListening: boolean;
  /** What has been sent to it and is not on its way yet. */
  waitingBytes: number;
  /** Its siblings' connections that are for it and are not on their way yet. */
  readonly connections: Set<Socket>;
}

/** What may wait for a worker that takes no messages, before it is ended. */
const MAX_WAITING_BYTES = 67_108_864;
/** How long a worker may take to end after its own limit. */
const GRACE_MS = 5000;
/** Longer than any process lives between two of its timers. */
const LONG_MS = 2 ** 30;

/** Starts the worker processes of a server, joins them, and keeps them going. */
export class Primary {
  readonly #context: PrimaryContext;
  readonly #crashes: Crashes;
  readonly #slots = new Map<number, Slot>();
  readonly #restarts = new Set<() => void>();
  /** A process whose workers have all crashed must not end for want of work. */
  #stopLiving: () => void = () => {};
  #hasServed: boolean = false;
  #exitCode: 0 | 1 = 0;
  #isStopping: boolean = false;

  constructor(context: PrimaryContext) {
    this.#context = context;
    this.#crashes = new Crashes(context.clock);
  }

  /** Starts all workers. */
  start(): void {
    const { entry, count } = this.#context;
    const timer = setInterval(() => {}, LONG_MS);
    this.#stopLiving = () => clearInterval(timer);
    cluster.setupPrimary({ exec: entry, args: [], serialization: "advanced" });
    for (let number = 1; number <= count; number += 1) this.#fork(number);
  }

  /** Ends all workers in good order; those that take too long are cut. Harmless when repeated. */
  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    for (const cancel of this.#restarts) cancel();
    for (const number of this.#slots.keys()) this.#tell(number, { commonroom: "stop" });
    const { clock, options } = this.#context;
    clock.after(options.limits.shutdownTimeoutMs + GRACE_MS, () => this.kill());
    this.#endIfLast();
  }

  /** Ends all workers at once. */
  kill(): void {
    this.#exitCode = 1;
    this.stop();
    for (const slot of this.#slots.values()) slot.process.process.kill("SIGKILL");
  }

  #fork(number: number): void {
    const process = cluster.fork();
    closeUndelivered(process.process);
    const startedAtMs = this.#context.clock.now();
    const slot = {
      process,
      startedAtMs,
      innerPort: undefined,
      isListening: false,
      waitingBytes: 0,
      connections: new Set<Socket>(),
    };
    this.#slots.set(number, slot);
    process.on("message", (message: unknown, connection: Socket | undefined) => {
      if (isFromWorker(message)) this.#receive(number, slot, message, connection);
    });
    process.on("error", ({ message }) => this.#context.onProblem(`worker ${number}: ${message}`));
    process.on("exit", (code: number | null, signal: string | null) => {
      this.#slots.delete(number);
      for (const connection of slot.connections) connection.destroy();
      this.#tellSiblings();
      this.#ended(number, slot, signal ?? `exit code ${code}`);
    });
  }

  #receive(number: number, slot: Slot, message: ToPrimary, connection: Socket | undefined): void {
    if (message.commonroom === "hello") this.#assign(number, slot);
    else if (message.commonroom === "listening") this.#serves(slot, message);
    else if (message.commonroom === "failed") this.#failed(message.problem);
    else if (message.commonroom === "parcels") this.#pass(number, message.bundle);
    else this.#handOn(message.worker, message.bytes, connection);
  }

  #assign(number: number, slot: Slot): void {
    const { options, runSecret } = this.#context;
    slot.isListening = true;
    if (this.#isStopping) {
      this.#tell(number, { commonroom: "stop" });
      return;
    }
    this.#tell(number, { commonroom: "start", worker: number, options, runSecret });
    this.#tell(number, { commonroom: "siblings", ports: this.#ports });
  }

  #serves(
    slot: Slot,
    { address, innerPort, redis }: ToPrimary & { commonroom: "listening" },
  ): void {
    slot.innerPort = innerPort;
    this.#tellSiblings();
    const serving = [...this.#slots.values()].filter((one) => one.innerPort !== undefined);
    if (this.#hasServed || serving.length < this.#context.count) return;
    this.#hasServed = true;
    this.#context.onServing(address, redis);
  }

  /** What keeps one from serving at the start keeps all. */
  #failed(problem: string): void {
    if (this.#hasServed) this.#context.onProblem(problem);
    else this.#giveUp(problem);
  }

  #ended(number: number, { startedAtMs }: Slot, how: string): void {
    if (this.#isStopping) {
      this.#endIfLast();
      return;
    }
    const { clock, onProblem } = this.#context;
    const delayMs = this.#crashes.note(clock.now() - startedAtMs);
    if (delayMs === undefined) {
      this.#giveUp(`worker ${number} ended (${how}), the fifth within 10 s; giving up`);
      return;
    }
    onProblem(`worker ${number} ended (${how}); starting it again`);
    const cancel = clock.after(delayMs, () => {
      this.#restarts.delete(cancel);
      this.#fork(number);
    });
    this.#restarts.add(cancel);
  }

  #giveUp(problem: string): void {
    // Those that fail for the same reason say the same.
    if (this.#isStopping) return;
    this.#exitCode = 1;
    this.#context.onProblem(problem);
    this.stop();
  }

  #endIfLast(): void {
    if (this.#slots.size > 0) return;
    this.#stopLiving();
    this.#context.onEnd(this.#exitCode);
  }

  get #ports(): ReadonlyMap<number, number> {
    const ports = new Map<number, number>();
    for (const [number, { innerPort }] of this.#slots) {
      if (innerPort !== undefined) ports.set(number, innerPort);
    }
    return ports;
  }

  #tellSiblings(): void {
    const ports = this.#ports;
    for (const number of this.#slots.keys()) this.#tell(number, { commonroom: "siblings", ports });
  }

  #pass(from: number, bundle: Uint8Array): void {
    for (const [number, slot] of this.#slots) {
      if (number === from || !slot.isListening) continue;
      slot.waitingBytes += bundle.byteLength;
      this.#tell(number, { commonroom: "parcels", bundle }, undefined, () => {
        slot.waitingBytes -= bundle.byteLength;
      });
      if (slot.waitingBytes > MAX_WAITING_BYTES) this.#cut(number, slot);
    }
  }

  /** A worker that hangs would make its primary keep all that its siblings say. */
  #cut(number: number, slot: Slot): void {
    slot.isListening = false;
    this.#context.onProblem(`worker ${number} takes no messages any more; ending it`);
    slot.process.process.kill("SIGKILL");
  }

  #handOn(number: number, bytes: Uint8Array, connection: Socket | undefined): void {
    // Its client may have hung up on the way.
    if (connection === undefined) return;
    const slot = this.#slots.get(number);
    if (slot?.innerPort === undefined) {
      connection.destroy();
      return;
    }
    slot.connections.add(connection);
    connection.on("error", () => connection.destroy());
    connection.once("close", () => slot.connections.delete(connection));
    const letGo = (): void => void connection.destroy();
    this.#tell(number, { commonroom: "connection", bytes }, connection, letGo);
  }

  /** @param done called when the message is on its way, or cannot be: the worker has just ended */
  #tell(number: number, message: ToWorker, connection?: Socket, done: () => void = () => {}): void {
    const slot = this.#slots.get(number);
    if (slot?.process.isConnected() !== true || !slot.isListening) done();
    else slot.process.send(message, connection, { keepOpen: true }, done);
  }
}
