import type { Server as HttpServer } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock } from "./clock.ts";
import { closes } from "./codes.ts";
import { Connection } from "./connections/connection.ts";
import { type EngineIoConnection, endNative } from "./connections/engine-io.ts";
import type { Limits } from "./options.ts";

/** A connection of any engine. */
type AnyConnection = Connection | EngineIoConnection;

/** What makes connections: Engine.IO's server, or ours. */
interface ConnectionSource {
  on(event: "connection", listener: (connection: AnyConnection) => void): unknown;
}

/** How fast a shutdown goes. */
export type DrainLimits = Pick<Limits, "shutdownTimeoutMs" | "drainBatchSize" | "drainEveryMs">;

/** Ends a server's connections in good order. */
export class Shutdown {
  readonly #http: HttpServer;
  readonly #clock: Clock;
  readonly #streams = new Set<Duplex>();
  readonly #connections = new Set<AnyConnection>();
  #onQuiet: (() => void) | undefined;

  /** @param http server whose TCP connections are waited for; one that is fed by another, too */
  constructor(http: HttpServer, clock: Clock) {
    this.#http = http;
    this.#clock = clock;
    http.on("connection", (stream) => this.#track(stream));
    // Those that come from an application's server have no "connection" here.
    http.on("upgrade", (_request, stream) => this.#track(stream));
  }

  /** Counts an engine's connections among those to be closed. */
  watch(engine: ConnectionSource): void {
    engine.on("connection", (connection) => {
      this.#connections.add(connection);
      connection.once("close", () => this.#connections.delete(connection));
    });
  }

  /**
   * Stops accepting, closes all clients with 1012, in batches so that they do not come back all at
   * once, and waits until the last connection is gone. What is left in the end is cut.
   */
  async run(limits: DrainLimits): Promise<void> {
    const closed = this.#stopAccepting();
    const isOver = new AbortController();
    const cancelCut = this.#clock.after(limits.shutdownTimeoutMs, () => {
      isOver.abort();
      for (const stream of this.#streams) stream.destroy();
    });
    await this.#drain(limits, isOver.signal);
    this.#http.closeIdleConnections();
    this.#endUnused();
    await Promise.all([closed, this.#quiet()]);
    cancelCut();
  }

  async #drain(limits: DrainLimits, isOver: AbortSignal): Promise<void> {
    const { drainBatchSize, drainEveryMs, shutdownTimeoutMs } = limits;
    const startedAtMs = this.#clock.now();
    while (this.#connections.size > 0 && !isOver.aborted) {
      const sinceMs = this.#clock.now() - startedAtMs;
      // The last batch before the cut takes all that are left: a late word is better than none.
      const isLast = sinceMs + drainEveryMs >= shutdownTimeoutMs;
      this.#endSome(isLast ? this.#connections.size : drainBatchSize);
      if (this.#connections.size > 0) await this.#pause(drainEveryMs, isOver);
    }
  }

  async #pause(delayMs: number, isOver: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(delayMs, resolve);
      isOver.addEventListener("abort", () => resolve(), { once: true });
      isOver.addEventListener("abort", cancel, { once: true });
    });
  }

  #endSome(count: number): void {
    for (const connection of [...this.#connections].slice(0, count)) {
      // Over long-polling a native connection ends only when its client asks again.
      this.#connections.delete(connection);
      if (connection instanceof Connection) connection.end(closes.restart);
      else endNative(connection, closes.restart);
    }
  }

  /** Browsers connect ahead: what has never sent anything is no idle connection for Node. */
  #endUnused(): void {
    for (const stream of this.#streams) {
      if ("bytesRead" in stream && stream.bytesRead === 0) stream.destroy();
    }
  }

  #track(stream: Duplex): void {
    if (this.#streams.has(stream)) return;
    this.#streams.add(stream);
    stream.once("close", () => {
      this.#streams.delete(stream);
      if (this.#streams.size === 0) this.#onQuiet?.();
    });
  }

  /** Waits until the last stream is gone. */
  async #quiet(): Promise<void> {
    if (this.#streams.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#onQuiet = resolve;
    });
  }

  async #stopAccepting(): Promise<void> {
    if (!this.#http.listening) return;
    await new Promise<void>((resolve) => {
      this.#http.close(() => resolve());
      this.#http.closeIdleConnections();
    });
  }
}
