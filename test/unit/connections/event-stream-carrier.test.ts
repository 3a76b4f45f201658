import { type IncomingMessage, ServerResponse } from "node:http";
import { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { closes } from "../../../server/codes.ts";
import { Batch } from "../../../server/connections/batch.ts";
import { EventStreamCarrier } from "../../../server/connections/event-stream-carrier.ts";
import { Message } from "../../../server/connections/message.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** A client that reads only when it is told to. */
class Reader extends Duplex {
  readonly writes: string[] = [];
  isReading: boolean = true;
  readonly #late: (() => void)[] = [];

  override _read(): void {
    // Nothing is ever sent.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const take = (): void => {
      this.writes.push(chunk.toString());
      done();
    };
    if (this.isReading) take();
    else this.#late.push(take);
  }
}

/** Knows how many timers run. */
class CountingClock extends ManualClock {
  running = 0;

  override every(periodMs: number, task: () => void): () => void {
    return this.#counted(super.every(periodMs, task));
  }

  override after(delayMs: number, task: () => void): () => void {
    return this.#counted(super.after(delayMs, task));
  }

  #counted(stop: () => void): () => void {
    let isRunning: boolean = true;
    this.running += 1;
    return () => {
      if (isRunning) this.running -= 1;
      isRunning = false;
      stop();
    };
  }
}

function setUp({ hasBegun = true, maxBacklogBytes = 100 } = {}) {
  const clock = new CountingClock();
  const told: string[] = [];
  const reader = new Reader();
  // HTTP/1.0 has no chunks, so that what is written is what was sent.
  const request = { method: "GET", httpVersionMajor: 1, httpVersionMinor: 0, headers: {} };
  const response = new ServerResponse(request as IncomingMessage);
  response.assignSocket(reader as never);
  const carrier = new EventStreamCarrier(response, {
    batch: new Batch(),
    maxBacklogBytes,
    onSlowReader: () => told.push("slow"),
    onGone: (reason) => told.push(reason),
    clock,
    farewell: ({ reason }) => `bye: ${reason}`,
    onUnanswered: ({ reason }) => told.push(`unanswered: ${reason}`),
  });
  if (hasBegun) response.writeHead(200).flushHeaders();
  reader.writes.length = 0;
  return { clock, told, reader, response, carrier };
}

const endOfTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe("an event stream's carrier", () => {
  it("writes all of a turn at once, at its end", async () => {
    const { carrier, reader } = setUp();
    carrier.send(new Message("a"));
    carrier.send(new Message(Buffer.from("b")));
    expect([reader.writes, carrier.waitingBytes]).toEqual([[], 2]);
    await endOfTurn();
    expect([reader.writes.join(""), carrier.waitingBytes]).toEqual(["ab", 0]);
  });

  it("says a word to proxies every 20 s, and none once it is over", async () => {
    const { carrier, reader, clock } = setUp();
    clock.advance(19_999);
    await endOfTurn();
    expect(reader.writes).toEqual([]);
    clock.advance(1);
    await endOfTurn();
    expect(reader.writes.join("")).toBe(": ping\n\n");
    carrier.close(closes.subscription_over);
    await endOfTurn();
    reader.writes.length = 0;
    clock.advance(60_000);
    await endOfTurn();
    expect(reader.writes).toEqual([]);
  });

  it("says none before its answer has begun", async () => {
    const { response, reader, clock } = setUp({ hasBegun: false });
    clock.advance(60_000);
    await endOfTurn();
    expect([response.headersSent, reader.writes]).toEqual([false, []]);
  });

  it("cuts off who reads too slowly, once, and sends no more", async () => {
    const { carrier, reader, response, told } = setUp();
    reader.isReading = false;
    carrier.send(new Message("x".repeat(80)));
    await endOfTurn();
    expect(told).toEqual([]);
    carrier.send(new Message("y".repeat(30)));
    await endOfTurn();
    carrier.send(new Message("z"));
    await endOfTurn();
    expect([told, response.destroyed, carrier.waitingBytes > 200]).toEqual([["slow"], true, false]);
  });

  it("does not count as waiting what goes out at the end of the turn", async () => {
    const { carrier, reader, told } = setUp();
    for (const text of ["x", "y", "z"]) carrier.send(new Message(text.repeat(60)));
    await endOfTurn();
    expect([told, reader.writes.join("").length]).toEqual([[], 180]);
  });

  it("writes what waits and a farewell when it is closed, and nothing after that", async () => {
    const { carrier, reader, told } = setUp();
    carrier.send(new Message("a;"));
    carrier.close(closes.restart);
    carrier.close(closes.crashed);
    carrier.send(new Message("b"));
    await endOfTurn();
    expect([reader.writes.join(""), told]).toEqual(["a;bye: server restarting", []]);
  });

  it("does not wait for ever for who never reads the end", () => {
    const { carrier, reader, response, clock } = setUp();
    reader.isReading = false;
    carrier.send(new Message("a"));
    carrier.close(closes.restart);
    clock.advance(9999);
    expect(response.destroyed).toBe(false);
    clock.advance(1);
    expect(response.destroyed).toBe(true);
  });

  it("stops its timers, however it ends", () => {
    const closed = setUp();
    expect(closed.clock.running).toBe(1);
    closed.carrier.close(closes.restart);
    closed.response.emit("close");
    const destroyed = setUp();
    destroyed.carrier.close(closes.restart);
    destroyed.carrier.destroy();
    const gone = setUp();
    gone.response.emit("close");
    expect([closed, destroyed, gone].map(({ clock }) => clock.running)).toEqual([0, 0, 0]);
  });

  it("has others answer where it is closed before its answer has begun", () => {
    const { carrier, response, told } = setUp({ hasBegun: false });
    carrier.close(closes.restart);
    carrier.close(closes.restart);
    expect([told, response.headersSent]).toEqual([["unanswered: server restarting"], false]);
  });

  it("tells once that its client has gone, and not after its own end", () => {
    const { response, told } = setUp();
    response.emit("close");
    response.emit("close");
    expect(told).toEqual(["transport close"]);
    const other = setUp();
    other.carrier.destroy();
    other.carrier.destroy();
    other.response.emit("close");
    expect(other.told).toEqual([]);
  });
});
