import { describe, expect, it, onTestFinished } from "vitest";
import { MemoryRecords } from "../../server/records/memory-records.ts";
import { ManualClock } from "../support/manual-clock.ts";

function openRecords() {
  const clock = new ManualClock();
  const records = new MemoryRecords({ clock });
  onTestFinished(() => records.stop());
  return { clock, records };
}

describe("Records in memory", () => {
  it("live exactly as long as was asked for", async () => {
    const { clock, records } = openRecords();
    await records.write({ key: "a", text: "", version: 0, places: [["i", 1]], lifeMs: 1000 });
    clock.advance(999);
    expect(await records.read("a")).toBeDefined();
    expect([await records.count("i"), await records.list("i", { limit: 9 })]).toMatchObject([
      1,
      [{}],
    ]);
    clock.advance(1);
    expect([await records.count("i"), await records.list("i", { limit: 9 })]).toEqual([0, []]);
    expect(await records.read("a")).toBeUndefined();
    expect(await records.remove("a", 1)).toBe(false);
  });

  it("are told to listeners before whoever made a change goes on", async () => {
    const { records } = openRecords();
    const order: string[] = [];
    records.watch((key) => order.push(`told ${key}`));
    const writing = records
      .write({ key: "a", text: "", version: 0, places: [] })
      .then(() => order.push("written"));
    order.push("called");
    await writing;
    expect(order).toEqual(["called", "told a", "written"]);
  });

  it("are inserted and listed in well under a millisecond where there are 10,000", async () => {
    const { records } = openRecords();
    const write = (n: number) =>
      records.write({
        key: `process ${n}`,
        text: "{}",
        version: 0,
        // Scattered, and many of the same score.
        places: [["waiting", (n * 7919) % 5000]],
        lifeMs: 60_000 + ((n * 31) % 1000),
      });
    for (let n = 0; n < 10_000; n += 1) await write(n);
    // The time of the processor, of which other processes may leave little.
    const startedAt = process.cpuUsage();
    for (let n = 10_000; n < 11_000; n += 1) {
      await write(n);
      await records.list("waiting", { limit: 10, upTo: 2500 });
      await records.remove(`process ${n}`, 1);
    }
    const { user, system } = process.cpuUsage(startedAt);
    const eachMs = (user + system) / 1000 / 1000;
    expect(await records.count("waiting")).toBe(10_000);
    expect(eachMs).toBeLessThan(0.5);
  });
});
