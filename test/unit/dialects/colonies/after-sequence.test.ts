import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AfterSequence } from "../../../../server/dialects/colonies/channels/after-sequence.ts";

/** Takes a log's sequences, in its order. */
function taking(sequences: readonly number[], first = 1): AfterSequence {
  const after = new AfterSequence();
  for (const [index, sequence] of sequences.entries()) after.take(first + index, sequence);
  return after;
}

/** What is behind a place. */
function behind(sequences: readonly number[], sequence: number): readonly number[] {
  return sequences.slice(taking(sequences).place(sequence));
}

/** The rule in a sentence: by sequence while all rise from 1 or more, else by position. */
function naive(sequences: readonly number[], sequence: number): readonly number[] {
  const isRising = sequences.every((each, index) => each > (sequences[index - 1] ?? 0));
  if (isRising) return sequences.filter((each) => each > sequence);
  return sequences.slice(Math.max(0, sequence));
}

describe("What comes after a sequence", () => {
  it.each([
    ["1 2 3 4 5", 2, "3 4 5"],
    ["the document's output: 1 3, later 4", 3, "4"],
    ["one count for each sender: 1 1 2 3 2", 3, "3 2"],
  ])("is found in %s after %d: %s", (log, sequence, expected) => {
    const sequences = (log.match(/\d/g) ?? []).map(Number);
    expect(behind(sequences, sequence).join(" ")).toBe(expected);
  });

  it.each([
    ["an empty log", [], 3, []],
    ["a log that begins late", [7, 8], 6, [7, 8]],
    ["a log that begins late, after a number that it does not have", [7, 9], 8, [9]],
    ["a log after more than it has", [1, 2], 9, []],
    ["a log with gaps after more than it has", [1, 5], 9, []],
    ["a log after less than nothing", [2, 4], -5, [2, 4]],
    ["a log that begins with 0, from the start", [0, 1, 2], 0, [0, 1, 2]],
    ["a log that begins with 0, by position", [0, 1, 2], 2, [2]],
    ["a log whose sequences go backwards, by position", [3, 1, 2], 1, [1, 2]],
    ["a log with one sequence twice, by position", [5, 5, 6], 2, [6]],
    ["a log with a negative one, by position", [-1, 4], 1, [4]],
  ])("is right in %s", (_log, sequences, sequence, expected) => {
    expect(behind(sequences, sequence)).toEqual(expected);
  });

  it("is what the rule says of any log", () => {
    const any = fc.array(fc.integer({ min: -2, max: 12 }), { maxLength: 10 });
    const rising = fc
      .uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 20 })
      .map((sequences) => sequences.sort((a, b) => a - b));
    fc.assert(
      fc.property(
        fc.oneof(any, rising),
        fc.integer({ min: -3, max: 45 }),
        (sequences, sequence) => {
          expect(behind(sequences, sequence)).toEqual(naive(sequences, sequence));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("never leaves out what a reader has not seen that says its highest sequence, or counts", () => {
    const rising = fc
      .uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 })
      .map((sequences) => sequences.sort((a, b) => a - b));
    fc.assert(
      fc.property(rising, fc.nat(20), (sequences, seen) => {
        const read = sequences.slice(0, seen);
        const rest = sequences.slice(seen);
        expect(behind(sequences, Math.max(0, ...read))).toEqual(rest);
        expect(behind(sequences, read.length)).toEqual(expect.arrayContaining(rest));
      }),
    );
  });

  it("takes each entry once, whoever reads it", () => {
    const after = taking([1, 4, 6]);
    after.take(2, 4);
    after.take(3, 6);
    expect(after.offset).toBe(3);
    expect(after.place(4)).toBe(2);
  });

  it("is by position where entries are missing, since nobody knows their sequences", () => {
    expect(taking([5, 6, 7], 5).place(6)).toBe(6);
    expect(taking([8, 9], 5).place(6)).toBe(6);
  });

  it("keeps no numbers of a log that counts 1 2 3, nor of one that is read by position", () => {
    const counting = taking(Array.from({ length: 1000 }, (_, index) => index + 1));
    expect(counting.size).toBe(0);
    expect(taking([1, 3, 5]).size).toBe(2);
    const byPosition = taking([1, 3, 5, 2, 9]);
    expect(byPosition.size).toBe(0);
    expect(byPosition.offset).toBe(Number.POSITIVE_INFINITY);
  });
});
