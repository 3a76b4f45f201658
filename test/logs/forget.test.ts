import { describe, expect, it } from "vitest";
import { ManualClock } from "../support/manual-clock.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { type OpenedLogs, openLogs, openStreamLogs } from "./open-logs.ts";
import { stores } from "./stores.ts";

const HOUR_MS = 3_600_000;
const settings = {
  r: { size: 3, ttlMs: HOUR_MS, whenFull: "refuse" },
  t: { size: 3, ttlMs: HOUR_MS, whenFull: "trim" },
} as const;
const rooms = ["r:a", "t:a"] as const;

function ended({ page }: OpenedLogs, room: string): Promise<true> {
  return until("the log to end", async () => (await page(room)).epoch === "");
}

describe.each(stores)("A log in %s that is forgotten", (store) => {
  it.each(rooms)("is gone at once where no time is given: %s", async (room) => {
    const { logs, append, page } = await openLogs(store, { settings });
    await append(room, "x", { sender: "ann", sequence: 1 });
    const { epoch } = await page(room);
    await append("r:other", "x");
    await logs.forget(room, 0);
    expect(await page(room)).toEqual({ epoch: "", offset: 0, first: 1, entries: [] });
    expect(await page("r:other")).toMatchObject({ offset: 1 });
    expect(await append(room, "x", { sender: "ann", sequence: 1 })).toMatchObject({
      offset: 1,
      isRepeated: false,
    });
    expect((await page(room)).epoch).not.toBe(epoch);
  });

  it.each(rooms)("is there until then, and nothing keeps it longer: %s", async (room) => {
    const opened = await openLogs(store, { settings, hasMembers: () => true });
    const { logs, append, offsets } = opened;
    await append(room, "x");
    await logs.forget(room, 1000);
    expect(await append(room, "x")).toMatchObject({ ok: true, offset: 2 });
    expect(await logs.open(room, undefined, ({ offset }) => offset)).toBe(2);
    expect(await offsets(room)).toEqual([1, 2]);
    await ended(opened, room);
    expect(await append(room, "x")).toMatchObject({ offset: 1 });
  });

  it("ends at the earliest of the times that were given", async () => {
    const opened = await openLogs(store, { settings });
    for (const [room, times] of [
      ["r:a", [50, HOUR_MS]],
      ["r:b", [HOUR_MS, 50]],
    ] as const) {
      await opened.append(room, "x");
      for (const time of times) await opened.logs.forget(room, time);
    }
    await ended(opened, "r:a");
    await ended(opened, "r:b");
  });

  it("may be one that has not begun", async () => {
    const { logs, append, page } = await openLogs(store, { settings });
    await logs.forget("r:a", 0);
    await logs.forget("r:a", 50);
    expect(await page("r:a")).toMatchObject({ epoch: "" });
    expect(await append("r:a", "x")).toMatchObject({ offset: 1 });
  });

  it("lives no longer than it would have lived", async () => {
    const opened = await openLogs(store, {
      settings: { r: { ...settings.r, ttlMs: 400 } },
    });
    await opened.append("r:a", "x");
    await opened.logs.forget("r:a", HOUR_MS);
    await until("its entries to be over", async () => (await opened.offsets("r:a")).length === 0);
  });
});

describe("A log in Redis that is forgotten", () => {
  it("leaves nothing behind", async () => {
    const { url } = await startRedis();
    const { logs, append } = await openStreamLogs(url, { settings });
    const other = await connectBackend(url);
    for (const [room, time] of [
      ["r:a", 0],
      ["r:b", 30],
    ] as const) {
      await append(room, "x", { sender: "ann", sequence: 1 });
      await logs.forget(room, time);
    }
    await append("r:b", "x", { sender: "ann", sequence: 2 });
    await logs.forget("r:never", 10);
    await append("r:c", "x".repeat(9_000_000));
    const isOver = async () => {
      const keys = await other.keys("commonroom:*log:*");
      return keys.every((key) => key === "commonroom:log:logger");
    };
    await until("nothing to be left", isOver);
  });

  it("is not kept by a node whose members are still in its room", async () => {
    const { url } = await startRedis();
    const clock = new ManualClock();
    const { logs, append } = await openStreamLogs(url, {
      settings,
      clock,
      hasMembers: () => true,
    });
    const other = await connectBackend(url);
    const lifeMs = (room: string) => other.pTTL(`commonroom:{log:${room}}:state`);
    for (const room of ["t:ends", "t:goes on"]) {
      await append(room, "x");
      await logs.open(room, undefined, () => {});
      await other.pExpire(`commonroom:{log:${room}}:state`, 120_000);
    }
    await logs.forget("t:ends", 60_000);
    clock.advance(20_000);
    await until("the other to be kept", async () => (await lifeMs("t:goes on")) > 120_000);
    expect(await lifeMs("t:ends")).toBeLessThanOrEqual(60_000);
  });

  it("can still be read by a node that has not caught up", async () => {
    const { url } = await startRedis();
    const [a, b] = [
      await openStreamLogs(url, { settings }),
      await openStreamLogs(url, { settings }),
    ];
    await a.append("r:a", "x");
    await a.logs.forget("r:a", 60_000);
    await a.append("r:a", "last words");
    expect(await b.offsets("r:a")).toEqual([1, 2]);
  });

  it("is reported where Redis cannot be reached", async () => {
    const redis = await startRedis();
    const { logs, append, problems } = await openStreamLogs(redis.url, { settings });
    await append("r:a", "x");
    await redis.stop();
    await until("the loss to be noticed", async () => {
      const appended = await append("r:a", "x");
      return !appended.ok && appended.reason === "unavailable";
    });
    await logs.forget("r:a", 0);
    expect(problems).toContain("log not forgotten, Redis is not reachable");
  });
});
