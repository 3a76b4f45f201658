import { describe, expect, it } from "vitest";
import type { Place, RecordChange, RecordStore } from "../../server/records/record-store.ts";
import { until } from "../support/until.ts";
import { openRecords, stores } from "./stores.ts";

/** Long enough for a few changes on a busy machine. */
const LIFE_MS = 300;

function write(records: RecordStore, key: string, more: Partial<RecordChange> = {}) {
  return records.write({ key, text: `text of ${key}`, version: 0, places: [], ...more });
}

/** Writes new records into the index `line`. */
async function line(records: RecordStore, scores: Readonly<Record<string, number>>) {
  for (const [key, score] of Object.entries(scores)) {
    await write(records, key, { places: [["line", score]] });
  }
}

async function keysOf(
  records: RecordStore,
  index: string,
  listing: Partial<Parameters<RecordStore["list"]>[1]> = {},
) {
  const listed = await records.list(index, { limit: 1000, ...listing });
  return listed.map(({ key }) => key);
}

/** Keeps what a store tells. */
function hear(records: RecordStore) {
  const heard: [string, string | undefined][] = [];
  const stop = records.watch((key, text) => heard.push([key, text]));
  return { heard, stop };
}

describe.each(stores)("Records in %s", (store) => {
  it("have version 1 when they are new, and one more with each change", async () => {
    const records = await openRecords(store);
    expect(await records.read("a")).toBeUndefined();
    expect(await write(records, "a", { text: "one" })).toBe(true);
    expect(await records.read("a")).toEqual({ key: "a", text: "one", version: 1 });
    expect(await write(records, "a", { text: "two", version: 1 })).toBe(true);
    expect(await records.read("a")).toEqual({ key: "a", text: "two", version: 2 });
  });

  it("are not changed by whoever saw another version", async () => {
    const records = await openRecords(store);
    const { heard } = hear(records);
    const places: Place[] = [["line", 1]];
    await write(records, "a", { text: "one", places });
    for (const version of [0, 2]) {
      expect(await write(records, "a", { text: "x", version, places: [["other", 1]] })).toBe(false);
    }
    expect(await write(records, "b", { version: 1 })).toBe(false);
    expect(await records.read("a")).toEqual({ key: "a", text: "one", version: 1 });
    expect(await records.read("b")).toBeUndefined();
    expect([await keysOf(records, "line"), await keysOf(records, "other")]).toEqual([["a"], []]);
    await write(records, "last");
    await until("the last change to be told", () => heard.some(([key]) => key === "last"));
    expect(heard.map(([key]) => key)).toEqual(["a", "last"]);
  });

  it("are changed by one of many who try at once", async () => {
    const records = await openRecords(store);
    await write(records, "a");
    const tries = Array.from({ length: 20 }, (_, n) =>
      write(records, "a", { text: String(n), version: 1 }),
    );
    const won = (await Promise.all(tries)).flatMap((isWon, n) => (isWon ? [String(n)] : []));
    expect(won).toHaveLength(1);
    expect(await records.read("a")).toEqual({ key: "a", text: won[0], version: 2 });
  });

  it("are removed at the version that was seen, and begin anew at 1", async () => {
    const records = await openRecords(store);
    await write(records, "a", { places: [["line", 1]] });
    await write(records, "a", { places: [["line", 1]], version: 1 });
    expect(await records.remove("a", 1)).toBe(false);
    expect(await records.remove("a", 3)).toBe(false);
    expect(await records.remove("b", 0)).toBe(false);
    expect(await records.read("a")).toMatchObject({ version: 2 });
    expect(await records.remove("a", 2)).toBe(true);
    expect(await records.remove("a", 2)).toBe(false);
    expect(await records.read("a")).toBeUndefined();
    expect([await keysOf(records, "line"), await records.count("line")]).toEqual([[], 0]);
    expect(await write(records, "a")).toBe(true);
    expect(await records.read("a")).toMatchObject({ version: 1 });
    expect(await keysOf(records, "line")).toEqual([]);
  });

  it("are listed by score, and those of one score by the bytes of their keys", async () => {
    const records = await openRecords(store);
    await line(records, { z: 1, b: 2, "b b": 2, "\u{1f600}": 2, "\uffee": 2, a: 2, B: 2, é: 2 });
    await line(records, { low: -1.5, high: 1e18, [`__proto${"__"}`]: 3 });
    const sorted = [
      "low",
      "z",
      "B",
      "a",
      "b",
      "b b",
      "é",
      "\uffee",
      "\u{1f600}",
      "__proto__",
      "high",
    ];
    expect(await keysOf(records, "line")).toEqual(sorted);
    expect(await keysOf(records, "line", { isDescending: true })).toEqual([...sorted].reverse());
    expect(await records.count("line")).toBe(sorted.length);
    const [first] = await records.list("line", { limit: 1 });
    expect(first).toEqual({ key: "low", text: "text of low", version: 1 });
  });

  it("are listed up to a score, itself included, and no more than were asked for", async () => {
    const records = await openRecords(store);
    await line(records, { a: 1, b: 2, c: 2, d: 2.5, e: 3 });
    expect(await keysOf(records, "line", { upTo: 2 })).toEqual(["a", "b", "c"]);
    expect(await keysOf(records, "line", { upTo: 2, limit: 2 })).toEqual(["a", "b"]);
    expect(await keysOf(records, "line", { upTo: 2.5, isDescending: true, limit: 2 })).toEqual([
      "d",
      "c",
    ]);
    expect(await keysOf(records, "line", { upTo: 0 })).toEqual([]);
    expect(await keysOf(records, "line", { upTo: -1, isDescending: true })).toEqual([]);
    expect(await keysOf(records, "line", { limit: 0 })).toEqual([]);
    expect(await keysOf(records, "line", { limit: Number.POSITIVE_INFINITY })).toHaveLength(5);
    expect(await keysOf(records, "no such line")).toEqual([]);
    expect(await records.count("no such line")).toBe(0);
  });

  it("are ordered by scores of 18 digits as exactly as a number can tell them", async () => {
    const records = await openRecords(store);
    const base = 2 ** 60;
    await line(records, { b: base + 256, a: base, c: base + 512 });
    expect(await keysOf(records, "line")).toEqual(["a", "b", "c"]);
    expect(await keysOf(records, "line", { upTo: base + 256 })).toEqual(["a", "b"]);
    expect(await keysOf(records, "line", { upTo: base + 255.9 })).toHaveLength(2);
    expect(await keysOf(records, "line", { upTo: base })).toEqual(["a"]);
  });

  it("are in the places of their last change, and in no other", async () => {
    const records = await openRecords(store);
    await line(records, { a: 1, b: 2, c: 3 });
    await write(records, "a", {
      version: 1,
      places: [
        ["line", 5],
        ["second", 1],
      ],
    });
    await write(records, "b", { version: 1, places: [["second", 0]] });
    expect(await keysOf(records, "line")).toEqual(["c", "a"]);
    expect(await keysOf(records, "second")).toEqual(["b", "a"]);
    await write(records, "a", { version: 2, places: [] });
    expect([await keysOf(records, "line"), await keysOf(records, "second")]).toEqual([
      ["c"],
      ["b"],
    ]);
    expect([await records.count("line"), await records.count("second")]).toEqual([1, 1]);
    expect(await records.read("a")).toMatchObject({ version: 3 });
  });

  it("are gone from everywhere when their life ends, which nobody is told", async () => {
    const records = await openRecords(store);
    const { heard } = hear(records);
    const places: Place[] = [
      ["line", 1],
      ["alone", 1],
    ];
    await write(records, "goes", { places, lifeMs: LIFE_MS });
    await line(records, { stays: 2 });
    expect(await keysOf(records, "line")).toEqual(["goes", "stays"]);
    await until("the life to end", async () => (await records.read("goes")) === undefined);
    expect(await records.count("line")).toBe(1);
    expect(await keysOf(records, "line")).toEqual(["stays"]);
    expect([await keysOf(records, "alone"), await records.count("alone")]).toEqual([[], 0]);
    expect(await write(records, "goes")).toBe(true);
    expect(await keysOf(records, "line")).toEqual(["stays"]);
    await until("the last change to be told", () => heard.length === 3);
    expect(heard.map(([, text]) => text)).not.toContain(undefined);
  });

  it("have the life of their last change", async () => {
    const records = await openRecords(store);
    const places: Place[] = [["line", 1]];
    await write(records, "kept", { places, lifeMs: LIFE_MS });
    await write(records, "kept", { places, version: 1 });
    await write(records, "longer", { places, lifeMs: LIFE_MS });
    await write(records, "longer", { places, version: 1, lifeMs: 60_000 });
    await write(records, "shorter", { places, lifeMs: 60_000 });
    await write(records, "shorter", { places, version: 1, lifeMs: LIFE_MS });
    await write(records, "over", { places, lifeMs: 0 });
    expect(await records.read("over")).toBeUndefined();
    await until("a life to end", async () => (await records.read("shorter")) === undefined);
    expect(await write(records, "shorter", { places })).toBe(true);
    await write(records, "marker", { places: [["markers", 1]], lifeMs: LIFE_MS });
    await until("a later life to end", async () => (await records.count("markers")) === 0);
    expect(await keysOf(records, "line")).toEqual(["kept", "longer", "shorter"]);
    expect(await records.count("line")).toBe(3);
  });

  it("tell each change to all who listen, in the order of the changes", async () => {
    const records = await openRecords(store);
    const [first, second] = [hear(records), hear(records)];
    await write(records, "a", { text: "one\ntwo" });
    await write(records, "a", { text: "", version: 1 });
    await write(records, 'b: "ü"\n', { text: "+ü-" });
    await records.remove("a", 2);
    const all = [
      ["a", "one\ntwo"],
      ["a", ""],
      ['b: "ü"\n', "+ü-"],
      ["a", undefined],
    ];
    await until("all to be told", () => first.heard.length + second.heard.length === 8);
    expect(first.heard).toEqual(all);
    expect(second.heard).toEqual(all);
  });

  it("tell nobody any more who has stopped listening", async () => {
    const records = await openRecords(store);
    const [leaver, stayer] = [hear(records), hear(records)];
    leaver.stop();
    leaver.stop();
    await write(records, "a");
    await until("the change to be told", () => stayer.heard.length === 1);
    expect(leaver.heard).toEqual([]);
  });

  it("tell everybody, whatever one listener throws", async () => {
    const crashes: unknown[] = [];
    const records = await openRecords(store, (error) => crashes.push(error));
    records.watch(() => {
      throw new Error("listener broken");
    });
    const { heard } = hear(records);
    expect(await write(records, "a")).toBe(true);
    await write(records, "a", { version: 1 });
    await until("both changes to be told", () => heard.length === 2);
    expect(crashes.map(String)).toEqual(Array(2).fill("Error: listener broken"));
  });

  it("tell of a change that a listener makes after the one that it heard", async () => {
    const records = await openRecords(store);
    records.watch((key) => {
      if (key === "cause") void write(records, "effect");
    });
    const { heard } = hear(records);
    await write(records, "cause");
    await until("both to be told", () => heard.length === 2);
    expect(heard.map(([key]) => key)).toEqual(["cause", "effect"]);
  });
});
