import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ChannelReader,
  type LogPlace,
} from "../../../../server/dialects/colonies/channels/channel-reader.ts";
import { draftOf } from "../../../../server/dialects/colonies/channels/entry.ts";
import { KnownSequences } from "../../../../server/dialects/colonies/channels/known-sequences.ts";
import type { Entry } from "../../../../server/rooms/log/entry.ts";
import type { Page } from "../../../../server/rooms/log/log-store.ts";

const EVERYTHING = { maxEntries: Number.POSITIVE_INFINITY, maxChars: Number.POSITIVE_INFINITY };

/** Logs in memory that count what is read of them. */
class CountedLogs {
  readonly asked: { after: number; limit: number; given: number }[] = [];
  isReachable: boolean = true;
  readonly #logs = new Map<string, { epoch: string; entries: Entry[] }>();
  #epochs = 0;

  append(room: string, ...sequences: readonly number[]): void {
    for (const sequence of sequences)
      this.appendPayload(room, sequence, Buffer.from(`${sequence}`));
  }

  appendPayload(room: string, sequence: number, payload: Buffer): void {
    const { entries } = this.#log(room);
    const draft = draftOf({ sequence, inreplyto: 0, payload, type: "data" }, "ann");
    entries.push({ ...draft, offset: entries.length + 1, atMs: 0, bytes: payload.byteLength });
  }

  lose(room: string): void {
    this.#logs.delete(room);
  }

  async read(room: string, after: number, limit: number): Promise<Page | undefined> {
    if (!this.isReachable) return undefined;
    const { epoch, entries } = this.#logs.get(room) ?? { epoch: "", entries: [] };
    const given = entries.slice(Math.min(after, entries.length), after + limit);
    this.asked.push({ after, limit, given: given.length });
    return { epoch, offset: entries.length, first: 1, entries: given };
  }

  /** How many entries were given out since the last call. */
  takeCount(): number {
    const count = this.asked.reduce((sum, { given }) => sum + given, 0);
    this.asked.length = 0;
    return count;
  }

  #log(room: string) {
    const known = this.#logs.get(room);
    if (known !== undefined) return known;
    this.#epochs += 1;
    const log = { epoch: `epoch ${this.#epochs}`, entries: [] };
    this.#logs.set(room, log);
    return log;
  }
}

async function readAfter(
  reader: ChannelReader,
  sequence: number,
  limits: Partial<typeof EVERYTHING> = {},
): Promise<number[]> {
  const place = await reader.placeAfter("room", sequence);
  if (place === undefined) throw new Error("no place");
  const read = await reader.read("room", place, { ...EVERYTHING, ...limits });
  return (read?.entries ?? []).map((entry) => entry.sequence);
}

function count(from: number, to: number, step = 1): number[] {
  return Array.from({ length: Math.ceil((to - from + 1) / step) }, (_, n) => from + n * step);
}

describe("A reader of channels", () => {
  it.each([
    ["1 2 3 4 5", [1, 2, 3, 4, 5], 2, [3, 4, 5]],
    ["the document's output", [1, 3, 4], 3, [4]],
    ["one count for each sender", [1, 1, 2, 3, 2], 3, [3, 2]],
    ["a channel without entries", [], 5, []],
    ["a channel after its end", [1, 2], 5, []],
    ["a channel without a rule, after its end", [2, 1], 5, []],
    ["a channel from before its start", [1, 2], -7, [1, 2]],
  ])("reads %s", async (_name, sequences, afterseq, expected) => {
    const logs = new CountedLogs();
    logs.append("room", ...sequences);
    expect(await readAfter(new ChannelReader(logs), afterseq)).toEqual(expected);
  });

  it("gives what the rule says, whatever was read before and whatever is appended between", async () => {
    const step = fc.oneof(
      fc.record({ append: fc.array(fc.integer({ min: -1, max: 30 }), { maxLength: 4 }) }),
      fc.record({ rise: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ after: fc.integer({ min: -2, max: 40 }), limit: fc.integer({ min: 1, max: 9 }) }),
      fc.constant("lose" as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const logs = new CountedLogs();
        const reader = new ChannelReader(logs, new KnownSequences(250));
        let model: number[] = [];
        for (const [index, each] of steps.entries()) {
          logs.append(`other ${index}`, 5);
          await reader.placeAfter(`other ${index}`, 1);
          if (each === "lose") {
            logs.lose("room");
            model = [];
          } else if ("after" in each) {
            const isRising = model.every((n, at) => n > (model[at - 1] ?? 0));
            const rest = isRising
              ? model.filter((n) => n > each.after)
              : model.slice(Math.max(0, each.after));
            const read = await readAfter(reader, each.after, { maxEntries: each.limit });
            expect(read).toEqual(rest.slice(0, each.limit));
          } else {
            const sequences = "append" in each ? each.append : [Math.max(0, ...model) + each.rise];
            logs.append("room", ...sequences);
            model.push(...sequences);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it("reads of a long log only what is new at each poll", async () => {
    const logs = new CountedLogs();
    const reader = new ChannelReader(logs);
    logs.append("room", ...count(1, 19_999, 2));
    expect(await readAfter(reader, 19_997)).toEqual([19_999]);
    expect(logs.takeCount()).toBe(10_001);
    expect(await readAfter(reader, 19_999)).toEqual([]);
    expect(logs.takeCount()).toBe(0);
    logs.append("room", 20_003);
    expect(await readAfter(reader, 19_999)).toEqual([20_003]);
    expect(logs.takeCount()).toBe(2);
  });

  it("reads no more than the answer of a log that is read by position", async () => {
    const logs = new CountedLogs();
    const reader = new ChannelReader(logs);
    logs.append("room", 2, 1, ...count(1, 5000));
    expect(await readAfter(reader, 5000)).toEqual([4999, 5000]);
    logs.takeCount();
    expect(await readAfter(reader, 5001)).toEqual([5000]);
    expect(logs.takeCount()).toBe(1);
  });

  it("never asks for more than 1,000 entries at once", async () => {
    const logs = new CountedLogs();
    logs.append("room", ...count(1, 5000));
    expect(await readAfter(new ChannelReader(logs), 0)).toEqual(count(1, 5000));
    expect(Math.max(...logs.asked.map(({ limit }) => limit))).toBe(1000);
  });

  it("gives parts of a log that follow each other", async () => {
    const logs = new CountedLogs();
    const reader = new ChannelReader(logs);
    for (const sequence of count(1, 40)) {
      logs.appendPayload("room", sequence, Buffer.alloc(sequence === 9 ? 300_000 : 60_000, "a"));
    }
    const limits = { maxEntries: Number.POSITIVE_INFINITY, maxChars: 262_144 };
    let place: LogPlace | undefined = await reader.placeAfter("room", 2);
    const parts: number[][] = [];
    while (place !== undefined && parts.length < 40) {
      const read = await reader.read("room", place, limits);
      parts.push((read?.entries ?? []).map(({ sequence }) => sequence));
      place = read === undefined || read.isEnd ? undefined : read.place;
    }
    expect(parts.slice(0, 4)).toEqual([[3, 4, 5], [6, 7, 8], [9], [10, 11, 12]]);
    expect(parts.flat()).toEqual(count(3, 40));
  });

  it("says where a join goes on: at the last entry, in its epoch, or at the start", async () => {
    const logs = new CountedLogs();
    const reader = new ChannelReader(logs);
    const start = { epoch: undefined, offset: 0 };
    expect(await reader.placeAfter("room", 3)).toEqual(start);
    expect(await reader.read("room", start, EVERYTHING)).toEqual({
      entries: [],
      place: start,
      isEnd: true,
    });
    logs.append("room", 1, 2, 3);
    const place = { epoch: "epoch 1", offset: 3 };
    expect(await reader.placeAfter("room", 0)).toEqual(start);
    expect(await reader.placeAfter("room", 99)).toEqual(place);
    logs.append("by position", 2, 1);
    expect(await reader.placeAfter("by position", 99)).toEqual({ epoch: "epoch 2", offset: 2 });
    expect(await reader.read("room", start, EVERYTHING)).toMatchObject({ place, isEnd: true });
    expect(await reader.read("room", place, EVERYTHING)).toEqual({
      entries: [],
      place,
      isEnd: true,
    });
  });

  it("begins anew where a log was lost", async () => {
    const logs = new CountedLogs();
    const reader = new ChannelReader(logs);
    logs.append("room", 1, 2, 3);
    const place = (await reader.placeAfter("room", 2)) as LogPlace;
    logs.lose("room");
    expect(await reader.read("room", place, EVERYTHING)).toMatchObject({
      entries: [],
      isEnd: true,
    });
    logs.append("room", 7, 8, 9, 10);
    const read = await reader.read("room", place, EVERYTHING);
    expect(read?.entries.map(({ sequence }) => sequence)).toEqual([7, 8, 9, 10]);
    expect(read?.place).toEqual({ epoch: "epoch 2", offset: 4 });
    expect(await readAfter(reader, 8)).toEqual([9, 10]);
  });

  it("says so where the log cannot be reached", async () => {
    const logs = new CountedLogs();
    logs.isReachable = false;
    const reader = new ChannelReader(logs);
    expect(await reader.placeAfter("room", 1)).toBeUndefined();
    const start = { epoch: undefined, offset: 0 };
    expect(await reader.read("room", start, EVERYTHING)).toBeUndefined();
  });

  it("is right where several ask at once", async () => {
    const logs = new CountedLogs();
    const reader = new ChannelReader(logs);
    logs.append("room", ...count(2, 4000, 2));
    const places = await Promise.all(
      Array.from({ length: 20 }, (_, n) => reader.placeAfter("room", 100 + n)),
    );
    expect(places.map((place) => place?.offset)).toEqual(count(100, 119).map((n) => n >> 1));
  });
});

describe("What is known of sequences", () => {
  it("is at most so many numbers; what was not asked for longest is forgotten", async () => {
    const logs = new CountedLogs();
    const known = new KnownSequences(1000);
    const reader = new ChannelReader(logs, known);
    for (const room of ["a", "b", "c", "d"]) {
      logs.append(room, ...count(2, 500, 2));
      await reader.placeAfter(room, 5);
    }
    expect(known.size).toBe(2);
    logs.takeCount();
    await reader.placeAfter("d", 5);
    await reader.placeAfter("c", 5);
    expect(logs.takeCount()).toBe(0);
    await reader.placeAfter("a", 5);
    expect(logs.takeCount()).toBe(250);
    await reader.placeAfter("c", 5);
    expect(logs.takeCount()).toBe(0);
  });

  it("is bounded also of logs that need no numbers", async () => {
    const logs = new CountedLogs();
    const known = new KnownSequences(1000);
    const reader = new ChannelReader(logs, known);
    for (const room of count(1, 50)) {
      logs.append(`room ${room}`, 1, 2);
      await reader.placeAfter(`room ${room}`, 1);
      await reader.placeAfter(`empty ${room}`, 1);
    }
    expect(known.size).toBe(10);
  });

  it("is enough for a log that alone is more than that", async () => {
    const logs = new CountedLogs();
    const reader = new ChannelReader(logs, new KnownSequences(10));
    logs.append("room", ...count(2, 5000, 2));
    expect(await readAfter(reader, 4990)).toEqual([4992, 4994, 4996, 4998, 5000]);
    logs.takeCount();
    expect(await readAfter(reader, 5000)).toEqual([]);
    expect(logs.takeCount()).toBe(0);
  });
});
