import { describe, expect, it } from "vitest";
import { JsonText } from "../../../server/json-text.ts";
import { type Limits, optionsSchema } from "../../../server/options.ts";
import type { Entry } from "../../../server/rooms/log/entry.ts";
import type { Page } from "../../../server/rooms/log/log-store.ts";
import { MemoryLogs } from "../../../server/rooms/log/memory-logs.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const AUDIENCE = { except: [], isEverywhere: false };

interface Given {
  readonly size?: number;
  /** Rooms whose names begin with this refuse what they have no room for. */
  readonly refusing?: string;
  readonly limits?: Partial<Limits>;
}

function createLogs({ size = 3, refusing = "refusing", limits = {} }: Given = {}) {
  const clock = new ManualClock();
  const delivered: [string, Entry][] = [];
  const occupied = new Set<string>();
  let ids = 0;
  const logs = new MemoryLogs({
    settingsOf: (room) => {
      const whenFull = room.startsWith(refusing) ? "refuse" : "trim";
      return room === "none" ? undefined : { size, ttlMs: 60_000, whenFull };
    },
    hasMembers: (room) => occupied.has(room),
    deliver: (room, entry) => delivered.push([room, entry]),
    limits: { ...optionsSchema.parse({}).limits, ...limits },
    clock,
    randomId: () => {
      ids += 1;
      return `epoch ${ids}`;
    },
  });
  const append = (room: string, n: unknown, more: object = {}) =>
    logs.append(
      room,
      { event: "said", payload: new JsonText(JSON.stringify({ n })), ...more },
      AUDIENCE,
    );
  const offsets = (page: Page) => page.entries.map(({ offset }) => offset);
  const epochOf = (room: string) => logs.open(room, undefined, ({ epoch }) => epoch);
  return { logs, clock, delivered, occupied, append, offsets, epochOf };
}

describe("The logs in memory", () => {
  it("number the entries of each room from 1, and deliver each in the same turn", () => {
    const { append, delivered } = createLogs();
    expect(append("a", 1)).toEqual({ ok: true, offset: 1, isRepeated: false });
    expect(append("a", 2)).toMatchObject({ offset: 2 });
    expect(append("b", 3)).toMatchObject({ offset: 1 });
    expect(delivered.map(([room, { offset }]) => [room, offset])).toEqual([
      ["a", 1],
      ["a", 2],
      ["b", 1],
    ]);
  });

  it("keep as many entries as the settings say", () => {
    const { logs, append, offsets } = createLogs({ size: 3 });
    for (let n = 1; n <= 500; n += 1) append("a", n);
    const page = logs.read("a", 0, 100);
    expect(page).toMatchObject({ offset: 500, first: 498 });
    expect(offsets(page)).toEqual([498, 499, 500]);
    expect(offsets(logs.read("a", 498, 100))).toEqual([499, 500]);
    expect(offsets(logs.read("a", 498, 1))).toEqual([499]);
    expect(offsets(logs.read("a", 500, 100))).toEqual([]);
    expect(offsets(logs.read("a", 900, 100))).toEqual([]);
  });

  it("keep no entry for longer than the settings say", () => {
    const { logs, append, clock, offsets } = createLogs();
    append("a", 1);
    clock.advance(30_000);
    append("a", 2);
    clock.advance(29_999);
    expect(offsets(logs.read("a", 0, 100))).toEqual([1, 2]);
    clock.advance(1);
    expect(offsets(logs.read("a", 0, 100))).toEqual([2]);
  });

  it("forget a log whose entries are over, unless its room has members", () => {
    const { logs, append, clock, occupied, epochOf } = createLogs();
    append("idle", 1);
    append("busy", 1);
    occupied.add("busy");
    const epochs = ["idle", "busy"].map(epochOf);
    clock.advance(70_000);
    expect(logs.size).toBe(1);
    expect(logs.read("busy", 0, 9)).toEqual({ epoch: epochs[1], offset: 1, first: 2, entries: [] });
    expect(append("busy", 2)).toMatchObject({ offset: 2 });
    expect(epochOf("idle")).not.toBe(epochs[0]);
  });

  it("begin no log that is only read, and none for a room that keeps none", () => {
    const { logs } = createLogs();
    expect(logs.read("a", 0, 9)).toEqual({ epoch: "", offset: 0, first: 1, entries: [] });
    expect(logs.size).toBe(0);
    expect(logs.open("none", 0, () => "used")).toBeUndefined();
  });

  it("keep at most so many, of which the one idle for longest goes first", () => {
    const { logs, append, occupied, epochOf } = createLogs({ limits: { maxLogs: 2 } });
    occupied.add("a");
    const epochs = ["a", "b", "c"].map((room) => {
      append(room, 1);
      return epochOf(room);
    });
    expect(epochOf("a")).toBe(epochs[0]);
    expect(epochOf("c")).toBe(epochs[2]);
    expect(logs.read("b", 0, 9)).toMatchObject({ epoch: "" });
    for (let n = 0; n < 50; n += 1) void epochOf(`empty ${n}`);
    expect(epochOf("c")).toBe(epochs[2]);
    expect(logs.size).toBe(4);
  });

  it("keep at most so many bytes of a room, and always the newest entry", () => {
    const { logs, append, offsets } = createLogs({ size: 100, limits: { maxLogBytes: 100 } });
    for (let n = 1; n <= 9; n += 1) append("a", "x".repeat(40));
    expect(offsets(logs.read("a", 0, 99))).toEqual([8, 9]);
    append("a", "x".repeat(400));
    expect(offsets(logs.read("a", 0, 99))).toEqual([10]);
  });

  it("keep at most so many bytes of all rooms; those with members go on with their offsets", () => {
    const { logs, append, occupied } = createLogs({ limits: { maxLogsBytes: 250 } });
    occupied.add("a");
    for (const room of ["a", "b", "c"]) append(room, "x".repeat(90));
    expect(logs.read("a", 0, 9)).toMatchObject({ offset: 1, first: 2, entries: [] });
    expect(logs.read("b", 0, 9).entries).toHaveLength(1);
    append("d", "x".repeat(90));
    expect(logs.read("b", 0, 9)).toMatchObject({ epoch: "" });
    expect(append("a", 2)).toMatchObject({ offset: 2 });
  });

  it("know a sender's number for as long as they have its entry", () => {
    const { append, delivered } = createLogs({ size: 2 });
    const ann = { sender: "ann", sequence: 1 };
    expect(append("a", 1, ann)).toMatchObject({ offset: 1, isRepeated: false });
    expect(append("a", 1, ann)).toMatchObject({ offset: 1, isRepeated: true });
    expect(append("a", 1, { ...ann, sender: "ben" })).toMatchObject({ offset: 2 });
    expect(append("b", 1, ann)).toMatchObject({ offset: 1, isRepeated: false });
    append("a", 1, { ...ann, sequence: 2 });
    expect(append("a", 1, ann)).toMatchObject({ offset: 4, isRepeated: false });
    expect(delivered).toHaveLength(5);
  });

  it("show who becomes a member exactly what comes after the offset", () => {
    const { logs, append, offsets } = createLogs();
    append("a", 1);
    append("a", 2);
    expect(logs.open("a", 1, offsets)).toEqual([2]);
    expect(logs.open("a", undefined, offsets)).toEqual([]);
  });
});

describe("The logs in memory that refuse when they are full", () => {
  const full = { ok: false, reason: "full" };
  const text = "x".repeat(83);

  it("refuse where all of them together have no room, though each has", () => {
    const { logs, append } = createLogs({ limits: { maxLogsBytes: 250 } });
    // 92 bytes of JSON each.
    expect(append("refusing a", text)).toMatchObject({ ok: true });
    expect(append("refusing b", text)).toMatchObject({ ok: true });
    expect(append("refusing b", text)).toEqual(full);
    expect(append("refusing c", text)).toEqual(full);
    expect(logs.read("refusing c", 0, 9)).toMatchObject({ epoch: "" });
    expect(append("refusing b", "x")).toMatchObject({ ok: true });
    logs.forget("refusing a", 0);
    expect(append("refusing c", text)).toMatchObject({ ok: true });
    expect(logs.size).toBe(2);
  });

  it("are no more than ten for each log that may be idle", () => {
    const { append, logs } = createLogs({ limits: { maxLogs: 1 } });
    for (let n = 1; n <= 10; n += 1) expect(append(`refusing ${n}`, n)).toMatchObject({ ok: true });
    expect(append("refusing 11", 11)).toMatchObject({ ok: false });
    logs.forget("refusing 1", 0);
    expect(append("refusing 11", 11)).toMatchObject({ ok: true });
  });

  it("have the room of those that do not refuse, and never lose theirs to them", () => {
    const { logs, append, offsets, occupied } = createLogs({ limits: { maxLogsBytes: 250 } });
    occupied.add("a");
    append("a", text);
    append("b", text);
    expect(append("refusing", text)).toMatchObject({ ok: true });
    expect(logs.read("a", 0, 9)).toMatchObject({ offset: 1, entries: [] });
    expect(offsets(logs.read("b", 0, 9))).toEqual([1]);
    expect(append("refusing", text)).toMatchObject({ ok: true });
    expect(logs.read("b", 0, 9)).toMatchObject({ epoch: "" });
    for (const room of ["a", "b", "c", "c"]) expect(append(room, text)).toMatchObject({ ok: true });
    expect(offsets(logs.read("refusing", 0, 9))).toEqual([1, 2]);
    expect(append("a", text)).toMatchObject({ ok: true, offset: 3 });
    expect(offsets(logs.read("a", 0, 9))).toEqual([3]);
  });

  it("are not among those of which only so many are kept", () => {
    const { logs, append, offsets, epochOf } = createLogs({ limits: { maxLogs: 2 } });
    for (let n = 1; n <= 9; n += 1) append(`refusing ${n}`, n);
    for (let n = 1; n <= 9; n += 1) void epochOf(`refusing, empty ${n}`);
    append("a", 1);
    append("b", 1);
    expect(logs.size).toBe(20);
    expect(offsets(logs.read("refusing 1", 0, 9))).toEqual([1]);
    expect(offsets(logs.read("a", 0, 9))).toEqual([1]);
  });

  it("keep everything until their time after the last message is over, and then nothing", () => {
    const { logs, append, clock, offsets, occupied, epochOf } = createLogs();
    occupied.add("refusing, in use");
    for (const room of ["refusing", "refusing, in use"]) append(room, 1, { sequence: 1 });
    const epoch = epochOf("refusing, in use");
    clock.advance(59_999);
    for (const room of ["refusing", "refusing, in use"]) append(room, 2);
    clock.advance(59_999);
    expect(offsets(logs.read("refusing", 0, 9))).toEqual([1, 2]);
    clock.advance(1);
    expect(offsets(logs.read("refusing", 0, 9))).toEqual([]);
    clock.advance(5000);
    expect(logs.size).toBe(1);
    expect(epochOf("refusing, in use")).toBe(epoch);
    const again = append("refusing, in use", 1, { sequence: 1 });
    expect(again).toEqual({ ok: true, offset: 3, isRepeated: false });
  });

  it("have room again in the moment in which their time is over", () => {
    const { append, clock } = createLogs({ size: 1 });
    // Between two sweeps.
    clock.advance(1234);
    append("refusing", 1);
    clock.advance(59_999);
    expect(append("refusing", 2)).toEqual(full);
    clock.advance(1);
    expect(append("refusing", 2)).toMatchObject({ ok: true });
  });
});

describe("A log in memory that is forgotten", () => {
  it.each(["a", "refusing"])("is there until the time that was given: %s", (room) => {
    const { logs, append, clock, occupied } = createLogs();
    occupied.add(room);
    append(room, 1);
    logs.forget(room, 10_000);
    clock.advance(9999);
    expect(append(room, 2)).toMatchObject({ offset: 2 });
    clock.advance(1);
    expect(logs.size).toBe(0);
    expect(append(room, 3)).toMatchObject({ offset: 1 });
    clock.advance(10_000);
    expect(logs.read(room, 0, 9).entries).toHaveLength(1);
  });

  it("is gone though nobody asks for it", () => {
    const { logs, append, clock, occupied } = createLogs();
    for (const room of ["a", "refusing"]) {
      occupied.add(room);
      append(room, 1);
      logs.forget(room, 10_000);
    }
    clock.advance(15_000);
    expect(logs.size).toBe(0);
  });

  it("begins anew as the log of a room that was written to last", () => {
    const { logs, append } = createLogs({ limits: { maxLogsBytes: 150 } });
    append("a", "x".repeat(90));
    logs.forget("a", 0);
    append("a", "x".repeat(90));
    expect(logs.read("a", 0, 9).entries).toHaveLength(1);
    append("b", "x".repeat(90));
    expect(logs.read("a", 0, 9)).toMatchObject({ epoch: "" });
  });
});
