import { Writable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Sequence } from "../../../server/connections/sequence.ts";

interface Recorder {
  readonly stream: Writable;
  readonly chunks: Buffer[];
  calls: number;
}

function recorder(): Recorder {
  const recording: Recorder = {
    calls: 0,
    chunks: [],
    stream: new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        recording.calls += 1;
        recording.chunks.push(chunk);
        done();
      },
      writev: (chunks, done) => {
        recording.calls += 1;
        recording.chunks.push(...chunks.map(({ chunk }) => chunk as Buffer));
        done();
      },
    }),
  };
  return recording;
}

describe("a sequence of frames", () => {
  it("is written whole, in order and with one call, whatever other writers were given", () => {
    const frames = fc.array(
      fc.uint8Array({ maxLength: 9000 }).map((bytes) => Buffer.from(bytes)),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    const choices = fc.array(fc.array(fc.nat(3), { minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(frames, choices, (known, writers) => {
        const nothing = new Sequence();
        const held = writers.map((picks) => {
          const own = picks.flatMap((pick) => known[pick % known.length] ?? []);
          return { own, sequence: own.reduce((so, frame) => so.with(frame), nothing) };
        });
        for (const { own, sequence } of held) {
          const recording = recorder();
          sequence.writeTo(recording.stream);
          expect(Buffer.concat(recording.chunks)).toEqual(Buffer.concat(own));
          expect(recording.calls).toBe(1);
          expect(sequence.byteLength).toBe(Buffer.concat(own).length);
        }
      }),
    );
  });

  it("of the same frames is joined once for all writers that have them", () => {
    const nothing = new Sequence();
    const [a, b] = [Buffer.from("a"), Buffer.from("b")];
    const first = nothing.with(a).with(b);
    expect(nothing.with(a).with(b)).toBe(first);
    const [one, other] = [recorder(), recorder()];
    first.writeTo(one.stream);
    first.writeTo(other.stream);
    expect(other.chunks[0]).toBe(one.chunks[0]);
    expect(one.chunks[0]?.toString()).toBe("ab");
  });
});
