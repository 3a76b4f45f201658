import { describe, expect, it } from "vitest";
import { JsonText } from "../../../server/json-text.ts";
import { optionsSchema } from "../../../server/options.ts";
import { MemoryLogs } from "../../../server/rooms/log/memory-logs.ts";
import { ManualClock } from "../../support/manual-clock.ts";

function createLogs(limits = {}, ttlMs: Readonly<Record<string, number>> = {}) {
  const clock = new ManualClock();
  const occupied = new Set<string>();
  let ids = 0;
  const logs = new MemoryLogs({
    settingsOf: (room) => {
      const whenFull = room.startsWith("refusing") ? "refuse" : "trim";
      return room === "none" ? undefined : { size: 100, ttlMs: ttlMs[room] ?? 3_600_000, whenFull };
    },
    hasMembers: (room) => occupied.has(room),
    deliver: () => {},
    limits: { ...optionsSchema.parse({}).limits, ...limits },
    clock,
    randomId: () => {
      ids += 1;
      return `epoch ${ids}`;
    },
  });
  /** Appends a payload of so many bytes. */
  const say = (room: string, bytes: number) =>
    logs.append(
      room,
      { event: "said", payload: new JsonText(`"${"x".repeat(bytes - 2)}"`) },
      { except: [], isEverywhere: false },
    );
  const count = (room: string): number => logs.read(room, 0, 100).entries.length;
  return { logs, clock, occupied, say, count };
}

describe("the logs of a node", () => {
  it("take nothing for a room that keeps none", () => {
    const { say } = createLogs();
    expect(say("none", 10)).toEqual({ ok: false, reason: "unavailable" });
  });

  it("keep the newest one, though it alone has no members", () => {
    const { say, count, occupied } = createLogs({ maxLogs: 1 });
    occupied.add("a");
    say("a", 10);
    say("b", 10);
    expect([count("a"), count("b")]).toEqual([1, 1]);
  });

  it("have as many bytes together as they may, and no more", () => {
    const { say, count } = createLogs({ maxLogsBytes: 100 });
    say("a", 40);
    say("b", 60);
    expect([count("a"), count("b")]).toEqual([1, 1]);
    say("c", 10);
    expect([count("a"), count("b"), count("c")]).toEqual([0, 1, 1]);
  });

  it("lose those idle for longest, one after the other, until the rest fits", () => {
    const { say, count } = createLogs({ maxLogsBytes: 100 });
    say("a", 40);
    say("b", 40);
    say("c", 90);
    expect([count("a"), count("b"), count("c")]).toEqual([0, 0, 1]);
    const exact = createLogs({ maxLogsBytes: 100 });
    exact.say("a", 40);
    exact.say("b", 10);
    exact.say("c", 90);
    expect([exact.count("a"), exact.count("b"), exact.count("c")]).toEqual([0, 1, 1]);
  });

  it("give back the bytes of what is too old in a room with members", () => {
    const { say, count, clock, occupied } = createLogs({ maxLogsBytes: 100 }, { short: 1000 });
    say("long", 30);
    say("short", 60);
    occupied.add("short");
    clock.advance(5000);
    say("new", 60);
    expect([count("long"), count("short"), count("new")]).toEqual([1, 0, 1]);
  });

  it("that refuse take as many bytes together as all may have, and no more", () => {
    const { say } = createLogs({ maxLogsBytes: 100 });
    expect(say("refusing 1", 40)).toMatchObject({ ok: true });
    expect(say("refusing 2", 60)).toMatchObject({ ok: true });
    expect(say("refusing 3", 2)).toEqual({ ok: false, reason: "full" });
  });
});

it("the logs of a node are looked through no more once the server stops", () => {
  const { logs, clock, say } = createLogs({}, { short: 1000 });
  say("short", 10);
  logs.stop();
  clock.advance(60_000);
  expect(logs.size).toBe(1);
});

describe("a log that is to be forgotten", () => {
  it("is there until its time has come, whatever is written to it, and then begins anew", () => {
    const { logs, clock, say, count } = createLogs();
    say("a", 10);
    const { epoch } = logs.read("a", 0, 1);
    logs.forget("a", 1000);
    clock.advance(999);
    say("a", 10);
    expect(count("a")).toBe(2);
    clock.advance(1);
    expect(logs.read("a", 0, 1)).toEqual({ epoch: "", offset: 0, first: 1, entries: [] });
    expect(say("a", 10)).toMatchObject({ offset: 1 });
    expect(logs.read("a", 0, 1).epoch).not.toBe(epoch);
  });

  it("goes at the earliest of the times that were asked for", () => {
    const { logs, clock, say, count } = createLogs();
    say("a", 10);
    logs.forget("a", 1000);
    logs.forget("a", 2000);
    clock.advance(1000);
    expect(count("a")).toBe(0);
    say("b", 10);
    logs.forget("b", 2000);
    logs.forget("b", 1000);
    clock.advance(1000);
    expect(count("b")).toBe(0);
  });

  it("may be one that is not there", () => {
    const { logs } = createLogs();
    expect(() => logs.forget("a", 0)).not.toThrow();
  });
});
