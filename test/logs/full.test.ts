import { describe, expect, it } from "vitest";
import type { LogSettings } from "../../server/rooms/log/log-settings.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { openLogs, openStreamLogs } from "./open-logs.ts";
import { stores } from "./stores.ts";

const HOUR_MS = 3_600_000;
const full = { ok: false, reason: "full" };

function refusing(more: Partial<LogSettings> = {}): { readonly settings: { r: LogSettings } } {
  return { settings: { r: { size: 3, ttlMs: HOUR_MS, whenFull: "refuse", ...more } } };
}

describe.each(stores)("A log in %s that refuses when it is full", (store) => {
  it("takes as many messages as it has places, and loses none for another", async () => {
    const given = { ...refusing(), hasMembers: () => true };
    const { logs, append, offsets, delivered, page } = await openLogs(store, given);
    for (const room of ["r:a", "r:b"]) await logs.open(room, undefined, () => {});
    for (const offset of [1, 2, 3]) {
      expect(await append("r:a", "x")).toEqual({ ok: true, offset, isRepeated: false });
    }
    const before = await page("r:a");
    for (const text of ["x", ""]) expect(await append("r:a", text)).toEqual(full);
    expect(await page("r:a")).toEqual(before);
    expect(await offsets("r:a")).toEqual([1, 2, 3]);
    expect(await append("r:b", "x")).toMatchObject({ ok: true, offset: 1 });
    expect(delivered).toEqual(["r:a 1", "r:a 2", "r:a 3", "r:b 1"]);
  });

  it("takes as many bytes of payloads as the settings say, to the last one", async () => {
    const { append, offsets } = await openLogs(store, refusing({ size: 100, maxBytes: 20 }));
    // JSON texts: two quotes more.
    expect(await append("r:a", "x".repeat(19))).toEqual(full);
    expect(await append("r:a", "x".repeat(10))).toMatchObject({ offset: 1 });
    expect(await append("r:a", "x".repeat(7))).toEqual(full);
    expect(await append("r:a", "ü".repeat(4))).toEqual(full);
    expect(await append("r:a", "ü".repeat(3))).toMatchObject({ offset: 2 });
    expect(await append("r:a", "")).toEqual(full);
    expect(await offsets("r:a")).toEqual([1, 2]);
    expect(await append("r:b", "x".repeat(18))).toMatchObject({ offset: 1 });
  });

  it("takes as many bytes as any log may have, where its settings do not say", async () => {
    const limits = { maxLogBytes: 20 };
    const { append } = await openLogs(store, { ...refusing({ size: 100 }), limits });
    expect(await append("r:a", "x".repeat(18))).toMatchObject({ offset: 1 });
    expect(await append("r:a", "")).toEqual(full);
  });

  it("does not begin with a message that it refuses", async () => {
    const { logs, append, page } = await openLogs(store, refusing({ maxBytes: 5 }));
    expect(await append("r:a", "too large")).toEqual(full);
    expect(await page("r:a")).toEqual({ epoch: "", offset: 0, first: 1, entries: [] });
    const epoch = await logs.open("r:a", undefined, (opened) => opened.epoch);
    expect(await append("r:a", "too large")).toEqual(full);
    expect(await page("r:a")).toMatchObject({ epoch, offset: 0 });
  });

  it("acknowledges what it has already, also when it is full", async () => {
    const { append } = await openLogs(store, refusing());
    const ann = { sender: "ann" };
    for (const sequence of [1, 2, 3]) await append("r:a", "x", { ...ann, sequence });
    const again = await append("r:a", "x", { ...ann, sequence: 2 });
    expect(again).toEqual({ ok: true, offset: 2, isRepeated: true });
    expect(await append("r:a", "x", { ...ann, sequence: 4 })).toEqual(full);
    expect(await append("r:a", "x", { sender: "ben", sequence: 2 })).toEqual(full);
  });

  it("keeps its messages together for as long after the last one as the settings say", async () => {
    // Redis ends a log by its own clock, which stands still for these hours.
    const clock = new ManualClock();
    const { append, offsets } = await openLogs(store, { ...refusing(), clock });
    await append("r:a", "x");
    clock.advance(HOUR_MS * 0.75);
    await append("r:a", "x");
    clock.advance(HOUR_MS * 0.75);
    expect(await append("r:a", "x")).toMatchObject({ offset: 3 });
    expect(await offsets("r:a")).toEqual([1, 2, 3]);
    clock.advance(HOUR_MS - 1);
    expect(await offsets("r:a")).toEqual([1, 2, 3]);
  });

  it("has room again when its time is over", async () => {
    const { append, page } = await openLogs(store, refusing({ size: 1, ttlMs: 50 }));
    await append("r:a", "x", { sender: "ann", sequence: 1 });
    const isEmpty = async () => (await page("r:a")).entries.length === 0;
    await until("the time to be over", isEmpty);
    expect(await append("r:a", "x", { sender: "ann", sequence: 1 })).toMatchObject({
      ok: true,
      isRepeated: false,
    });
  });

  it("leaves logs that do not refuse as they are: they lose what is oldest", async () => {
    const { append, offsets } = await openLogs(store, {
      settings: {
        ...refusing().settings,
        t: { size: 2, ttlMs: HOUR_MS, whenFull: "trim" },
        small: { size: 9, ttlMs: HOUR_MS, whenFull: "trim", maxBytes: 10 },
      },
    });
    for (let n = 1; n <= 4; n += 1) {
      expect(await append("t:a", "x")).toMatchObject({ ok: true, offset: n });
      expect(await append("small:a", "xx")).toMatchObject({ ok: true, offset: n });
    }
    expect(await offsets("t:a")).toEqual([3, 4]);
    expect(await offsets("small:a")).toEqual([3, 4]);
    expect(await append("small:a", "x".repeat(99))).toMatchObject({ offset: 5 });
    expect(await offsets("small:a")).toEqual([5]);
  });
});

describe("A log in Redis that refuses when it is full", () => {
  it("takes no more from many nodes at once than it has places", async () => {
    const { url } = await startRedis();
    const nodes = [await openStreamLogs(url, refusing()), await openStreamLogs(url, refusing())];
    const tries = Array.from({ length: 10 }, (_, n) =>
      nodes.map(({ append }) => append("r:a", String(n))),
    );
    const results = await Promise.all(tries.flat());
    expect(results.filter(({ ok }) => ok)).toHaveLength(3);
    expect(results.filter(({ ok }) => !ok)).toEqual(Array(17).fill(full));
    for (const { offsets } of nodes) expect(await offsets("r:a")).toEqual([1, 2, 3]);
  });

  it("is kept in Redis for as long after the last message as the settings say", async () => {
    const { url } = await startRedis();
    const { append } = await openStreamLogs(url, refusing({ size: 2 }));
    const other = await connectBackend(url);
    const keys = ["stream", "state", "numbers"].map((kind) => `commonroom:{log:r:a}:${kind}`);
    await append("r:a", "x", { sender: "ann", sequence: 1 });
    for (const key of keys) await other.pExpire(key, 1000);
    await append("r:a", "x", { sender: "ann", sequence: 2 });
    for (const key of keys) expect(await other.pTTL(key)).toBeGreaterThan(HOUR_MS - 30_000);
    for (const key of keys) await other.pExpire(key, 60_000);
    expect(await append("r:a", "x")).toEqual(full);
    for (const key of keys) expect(await other.pTTL(key)).toBeLessThanOrEqual(60_000);
  });
});
