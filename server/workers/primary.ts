import cluster from "node:cluster";
import type { Socket } from "node:net";
import type { Clock } from "../clock.ts";
import type { ListenAddress } from "../listen.ts";
import type { Options } from "../options.ts";
import type { Status } from "../status.ts";
import { Crashes } from "./crashes.ts";
import { isFromWorker, type ToPrimary } from "./ipc.ts";
import type { Bundle } from "./post.ts";
import { Slot } from "./slot.ts";
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

/** How long a worker may take to end after its own limit. */
const GRACE_MS = 5000;
/** Period of a timer that does nothing. */
const IDLE_MS = 2 ** 30;

/** Starts the worker processes of a server, joins them, and keeps them going. */
export class Primary {
  readonly #context: PrimaryContext;
  /** Of each worker, by its number. */
  readonly #crashes = new Map<number, Crashes>();
  readonly #slots = new Map<number, Slot>();
  readonly #restarts = new Set<() => void>();
  /** A process whose workers have all crashed must not end for want of work. */
  #stopLiving: () => void = () => {};
  #hasServed: boolean = false;
  #exitCode: 0 | 1 = 0;
  #isStopping: boolean = false;

  constructor(context: PrimaryContext) {
    this.#context = context;
  }

  /** Starts all workers. */
  start(): void {
    const { entry, count } = this.#context;
    const timer = setInterval(() => {}, IDLE_MS);
    this.#stopLiving = () => clearInterval(timer);
    cluster.setupPrimary({ exec: entry, args: [], serialization: "advanced" });
    for (let number = 1; number <= count; number += 1) this.#fork(number);
  }

  /** Ends all workers in good order; those that take too long are cut. Harmless when repeated. */
  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    for (const cancel of this.#restarts) cancel();
    for (const slot of this.#slots.values()) slot.tell({ commonroom: "stop" });
    const { clock, options } = this.#context;
    clock.after(options.limits.shutdownTimeoutMs + GRACE_MS, () => this.kill());
    this.#endIfLast();
  }

  /** Ends all workers at once. */
  kill(): void {
    this.#exitCode = 1;
    this.stop();
    for (const slot of this.#slots.values()) slot.kill();
  }

  #fork(number: number): void {
    const { clock, onProblem } = this.#context;
    const process = cluster.fork();
    closeUndelivered(process.process);
    const slot = new Slot(process, {
      clock,
      onHanging: () => onProblem(`worker ${number} takes no messages any more; ending it`),
    });
    this.#slots.set(number, slot);
    process.on("message", (message: unknown, connection: Socket | undefined) => {
      if (isFromWorker(message)) this.#receive(number, slot, message, connection);
    });
    process.on("exit", (code: number | null, signal: string | null) => {
      if (this.#isStopping && code !== 0) this.#exitCode = 1;
      this.#gone(number, slot, signal ?? `exit code ${code}`);
    });
    process.on("error", ({ message }) => {
      onProblem(`worker ${number}: ${message}`);
      // What was never started has no end that is told.
      if (process.process.pid === undefined) this.#gone(number, slot, "not started");
    });
  }

  #gone(number: number, slot: Slot, how: string): void {
    if (this.#slots.get(number) !== slot) return;
    this.#slots.delete(number);
    this.#tellSiblings();
    this.#ended(number, slot, how);
  }

  #receive(number: number, slot: Slot, message: ToPrimary, connection: Socket | undefined): void {
    if (message.commonroom === "hello") this.#assign(number, slot);
    else if (message.commonroom === "listening") this.#serves(slot, message);
    else if (message.commonroom === "failed") this.#failed(message.problem);
    else if (message.commonroom === "parcels") this.#pass(number, message);
    else this.#handOver(message.worker, message.bytes, connection);
  }

  #assign(number: number, slot: Slot): void {
    const { options, runSecret } = this.#context;
    slot.listens();
    if (this.#isStopping) {
      slot.tell({ commonroom: "stop" });
      return;
    }
    slot.tell({ commonroom: "start", worker: number, options, runSecret });
    slot.tell({ commonroom: "siblings", ports: this.#ports });
  }

  #serves(
    slot: Slot,
    { address, innerPort, redis }: ToPrimary & { commonroom: "listening" },
  ): void {
    slot.innerPort = innerPort;
    this.#tellSiblings();
    if (this.#hasServed || this.#ports.size < this.#context.count) return;
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
    const crashes = this.#crashes.get(number) ?? new Crashes();
    this.#crashes.set(number, crashes);
    const { delayMs, isRepeated } = crashes.note(clock.now() - startedAtMs);
    // Once all have served, the others go on without it.
    if (isRepeated && !this.#hasServed) {
      this.#giveUp(`worker ${number} ended (${how}), the fifth time in a row; giving up`);
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

  /** Where the workers that serve are reached by their siblings. */
  get #ports(): ReadonlyMap<number, number> {
    const ports = new Map<number, number>();
    for (const [number, { innerPort }] of this.#slots) {
      if (innerPort !== undefined) ports.set(number, innerPort);
    }
    return ports;
  }

  #tellSiblings(): void {
    const ports = this.#ports;
    for (const slot of this.#slots.values()) slot.tell({ commonroom: "siblings", ports });
  }

  #pass(from: number, bundle: Bundle): void {
    for (const [number, slot] of this.#slots) if (number !== from) slot.pass(bundle);
  }

  #handOver(number: number, bytes: Uint8Array, connection: Socket | undefined): void {
    // Its client may have hung up on the way.
    if (connection === undefined) return;
    const slot = this.#slots.get(number);
    if (slot?.innerPort === undefined) connection.destroy();
    else slot.handOver(connection, bytes);
  }
}
