import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { Batch } from "../../../server/connections/batch.ts";

/** A stream that counts what reaches the system: how many chunks a call. */
function countingStream(calls: number[]): Writable {
  return new Writable({
    write: (_chunk, _encoding, done) => {
      calls.push(1);
      done();
    },
    writev: (chunks, done) => {
      calls.push(chunks.length);
      done();
    },
  });
}

describe("a batch", () => {
  it("makes one system call a stream of all that is written within a turn", async () => {
    const batch = new Batch();
    const [first, second]: [number[], number[]] = [[], []];
    const streams = [countingStream(first), countingStream(second)];
    for (let n = 0; n < 8; n += 1) {
      for (const stream of streams) {
        batch.hold(stream);
        stream.write("x");
      }
    }
    expect([first, second]).toEqual([[], []]);
    await new Promise(setImmediate);
    expect([first, second]).toEqual([[8], [8]]);
  });

  it("starts anew with the next turn", async () => {
    const batch = new Batch();
    const calls: number[] = [];
    const stream = countingStream(calls);
    for (const writes of [2, 3]) {
      for (let n = 0; n < writes; n += 1) {
        batch.hold(stream);
        stream.write("x");
      }
      await new Promise(setImmediate);
    }
    expect(calls).toEqual([2, 3]);
  });

  it("releases each held writer once, at the end of the turn", async () => {
    const batch = new Batch();
    const released: string[] = [];
    for (const name of ["a", "b"]) batch.add({ release: () => released.push(name) });
    expect(released).toEqual([]);
    await new Promise(setImmediate);
    expect(released).toEqual(["a", "b"]);
    await new Promise(setImmediate);
    expect(released).toEqual(["a", "b"]);
  });
});
