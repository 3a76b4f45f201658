import { describe, expect, it, onTestFinished } from "vitest";
import { overRedis } from "../../server/bus/scale-out.ts";
import { systemClock } from "../../server/clock.ts";
import { createCounters } from "../../server/counters.ts";
import { JsonText } from "../../server/json-text.ts";
import { optionsSchema } from "../../server/options.ts";
import { type RecordStore, RecordsUnavailable } from "../../server/records/record-store.ts";
import { noRooms } from "../support/no-rooms.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";
import { openRedisNode } from "./stores.ts";

function hear(records: RecordStore): string[] {
  const heard: string[] = [];
  records.watch((key, text) => heard.push(`${key}: ${text ?? "removed"}`));
  return heard;
}

const put = (records: RecordStore, key: string, version = 0) =>
  records.write({ key, text: `${key} ${version}`, version, places: [["line", version]] });

describe("Records in Redis", () => {
  it("are the same for all nodes, and each node hears of all changes in one order", async () => {
    const { url } = await startRedis();
    const [a, b] = [await openRedisNode(url), await openRedisNode(url)];
    const heard = [hear(a.records), hear(b.records)];
    expect(await put(a.records, "x")).toBe(true);
    expect(await put(b.records, "x")).toBe(false);
    expect(await put(b.records, "x", 1)).toBe(true);
    expect(await b.records.list("line", { limit: 9 })).toEqual(
      await a.records.list("line", { limit: 9 }),
    );
    expect(await a.records.remove("x", 2)).toBe(true);
    for (const each of heard) {
      await until("all changes to be heard", () => each.length === 3);
      expect(each).toEqual(["x: x 0", "x: x 1", "x: removed"]);
    }
  });

  it("throw while Redis is away; changes are heard again once it is back", async () => {
    const redis = await startRedis();
    const { records } = await openRedisNode(redis.url);
    const heard = hear(records);
    await put(records, "before");
    await redis.stop();
    await until("the loss to be noticed", () => records.read("before").then(undefined, () => true));
    const change = { key: "lost", text: "", version: 0, places: [] };
    for (const call of [
      () => records.read("before"),
      () => records.write(change),
      () => records.remove("before", 1),
      () => records.list("line", { limit: 9 }),
      () => records.count("line"),
    ]) {
      await expect(call()).rejects.toThrow(RecordsUnavailable);
    }
    await redis.start();
    await until("Redis to be reached", () =>
      records.read("before").then(
        () => true,
        () => false,
      ),
    );
    let version = 0;
    await until("a change to be heard", async () => {
      if (await put(records, "after", version)) version += 1;
      return heard.some((each) => each.startsWith("after"));
    });
    expect(heard.some((each) => each.startsWith("lost"))).toBe(false);
  });

  it("stay heard where Redis was away when the node started", async () => {
    const redis = await startRedis();
    await redis.stop();
    const opening = openRedisNode(redis.url);
    await redis.start();
    const { records } = await opening;
    const heard = hear(records);
    await put(records, "a");
    await until("the change to be heard", () => heard.length === 1);
  });

  it.each(["", "x", '"a"', '"a"\n', '"a"\n?', "5\n+x", "\n+x", '{"key":"a"}\n+', "\ufffd\n-"])(
    "ignore and report what is no change: %j",
    async (message) => {
      const { url } = await startRedis();
      const { records, problems } = await openRedisNode(url);
      const heard = hear(records);
      const other = await connectBackend(url);
      await other.publish("commonroom:records", message);
      await put(records, "after");
      await until("the change to be heard", () => heard.length > 0);
      expect(heard).toEqual(["after: after 0"]);
      expect(problems).toEqual([
        expect.stringContaining("commonroom:records: record message not understood"),
      ]);
    },
  );

  it("report what a listener throws where nobody else is told of it", async () => {
    const { url } = await startRedis();
    const { records, problems } = await openRedisNode(url);
    records.watch(() => {
      throw new Error("listener broken");
    });
    await put(records, "a");
    await until("the report", () => problems.length === 1);
    expect(problems).toEqual([expect.stringContaining("Error: listener broken")]);
  });

  it("do not list a record that was made anew without its place", async () => {
    const { url } = await startRedis();
    const { records } = await openRedisNode(url);
    const other = await connectBackend(url);
    for (const key of ["a", "b"]) await put(records, key);
    // As where Redis drops a key to make room.
    for (const key of ["a", "b"]) await other.del(`commonroom:{records}:record:${key}`);
    await records.write({ key: "a", text: "new", version: 0, places: [["other", 1]] });
    await put(records, "c");
    const keys = await records.list("line", { limit: 1 });
    expect(keys.map(({ key }) => key)).toEqual(["c"]);
    expect(await records.count("line")).toBe(1);
  });

  it("leave nothing behind when all lives are over, even in indexes that nobody looks at", async () => {
    const { url } = await startRedis();
    const { records } = await openRedisNode(url);
    const other = await connectBackend(url);
    const write = (key: string, version: number, lifeMs?: number) =>
      records.write({
        key,
        text: "",
        version,
        places: [
          ["i", 1],
          [`of ${key}`, 1],
        ],
        lifeMs,
      });
    await write("short", 0, 20);
    await write("long", 0, 60);
    await write("kept", 0);
    await write("kept", 1, 40);
    await write("removed", 0);
    await records.remove("removed", 1);
    await until(
      "the lives to end",
      async () => (await other.keys("commonroom:{records}:record:*")).length === 0,
    );
    expect(await records.count("i")).toBe(0);
    await until("nothing to be left", async () => (await other.keys("*")).length === 0);
  });

  it("are heard by a node that makes them before it starts", async () => {
    const { url } = await startRedis();
    const scaleOut = overRedis(url, {
      counters: createCounters(),
      onStatus: () => {},
      onProblem: () => {},
    });
    onTestFinished(() => scaleOut.stop());
    const crashes: unknown[] = [];
    const records = scaleOut.createRecords({
      clock: systemClock,
      onCrash: (error) => crashes.push(error),
    });
    await scaleOut.start(noRooms);
    records.watch(() => {
      throw new Error("listener broken");
    });
    const heard = hear(records);
    await put(records, "a");
    await until("the change to be heard", () => heard.length === 1);
    expect(crashes).toHaveLength(1);
  });

  it("are heard by other nodes after what was logged before the change", async () => {
    const { url } = await startRedis();
    const heard: string[] = [];
    const [a, b] = [await openNode(url, []), await openNode(url, heard)];
    await b.logs.open("room", undefined, () => {});
    for (let n = 0; n < 50; n += 1) {
      const draft = { event: "said", payload: new JsonText("{}") };
      void a.logs.append("room", draft, { except: [], isEverywhere: false });
      void put(a.records, "process", n);
    }
    await until("all to be heard", () => heard.length === 100);
    expect(heard).toEqual(Array(50).fill(["logged", "changed"]).flat());
  });
});

/** A whole node's logs and records, which share its connections; notes what it hears. */
async function openNode(url: string, heard: string[]) {
  const scaleOut = overRedis(url, {
    counters: createCounters(),
    onStatus: () => {},
    onProblem: () => {},
  });
  let ids = 0;
  const logs = scaleOut.createLogs({
    settingsOf: () => ({ size: 100, ttlMs: 60_000, whenFull: "refuse" }),
    hasMembers: () => true,
    deliver: () => heard.push("logged"),
    limits: optionsSchema.parse({}).limits,
    clock: systemClock,
    randomId: () => {
      ids += 1;
      return `id ${ids}`;
    },
  });
  const records = scaleOut.createRecords({ clock: systemClock, onCrash: () => {} });
  records.watch(() => heard.push("changed"));
  onTestFinished(async () => {
    logs.stop();
    await scaleOut.stop();
  });
  await scaleOut.start(noRooms);
  return { logs, records };
}
