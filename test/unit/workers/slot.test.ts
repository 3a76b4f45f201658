import type { Worker as WorkerProcess } from "node:cluster";
import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import type { ToWorker } from "../../../server/workers/ipc.ts";
import { Slot } from "../../../server/workers/slot.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const MIB = new Uint8Array(1_048_576);

/** A worker that takes nothing until it is told to, as its primary sees it. */
function setUp() {
  const clock = new ManualClock();
  const waiting: { readonly message: ToWorker; readonly done: () => void }[] = [];
  const taken: ToWorker[] = [];
  const state = { isEnded: false, problems: 0 };
  const process = Object.assign(new EventEmitter(), {
    isConnected: () => true,
    send: (message: ToWorker, _connection: unknown, _options: unknown, done: () => void) =>
      waiting.push({ message, done }),
    process: {
      kill: () => {
        state.isEnded = true;
      },
    },
  });
  const slot = new Slot(process as unknown as WorkerProcess, {
    clock,
    onHanging: () => {
      state.problems += 1;
    },
  });
  slot.listens();
  /** Passes on 1 MiB for a room. */
  const pass = (room: string): void => slot.pass({ bytes: MIB, broadcasts: 2, rooms: [room] });
  const take = (count: number): void => {
    for (const { message, done } of waiting.splice(0, count)) {
      taken.push(message);
      done();
    }
  };
  return { clock, slot, waiting, taken, state, pass, take };
}

describe("what a primary passes on to a worker", () => {
  it("is dropped where too much waits, and the worker is told once it has caught up", () => {
    const { clock, waiting, taken, pass, take } = setUp();
    for (let n = 0; n < 65; n += 1) pass("passed");
    for (let n = 0; n < 1000; n += 1) pass(`lost ${n % 2}`);
    expect(waiting).toHaveLength(65);
    take(30);
    pass("lost 2");
    expect(waiting).toHaveLength(35);
    take(3);
    pass("passed");
    take(100);
    const told = taken.filter(({ commonroom }) => commonroom === "lost");
    const rooms = ["lost 0", "lost 1", "lost 2"];
    expect(told).toEqual([{ commonroom: "lost", broadcasts: 2002, rooms, lastMs: clock.now() }]);
    expect(taken.filter(({ commonroom }) => commonroom === "parcels")).toHaveLength(66);
    expect(waiting).toEqual([]);
  });

  it("ends no worker that goes on taking something, however long there is too much", () => {
    const { clock, state, pass, take } = setUp();
    for (let second = 0; second < 100; second += 1) {
      for (let n = 0; n < 100; n += 1) pass("lobby");
      clock.advance(1000);
      take(1);
    }
    expect(state).toEqual({ isEnded: false, problems: 0 });
  });

  it("ends one that takes nothing for ten seconds", () => {
    const { clock, state, pass } = setUp();
    for (let n = 0; n < 65; n += 1) pass("lobby");
    clock.advance(9999);
    expect(state).toEqual({ isEnded: false, problems: 0 });
    clock.advance(1);
    expect(state).toEqual({ isEnded: true, problems: 1 });
    clock.advance(100_000);
    expect(state.problems).toBe(1);
  });

  it("ends nobody for less than too much", () => {
    const { clock, state, pass } = setUp();
    for (let n = 0; n < 64; n += 1) pass("lobby");
    clock.advance(100_000);
    expect(state.isEnded).toBe(false);
  });
});
