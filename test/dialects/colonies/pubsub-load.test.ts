import { describe, expect, it } from "vitest";
import { ProcessState } from "../../../examples/colonies-stream/colonies-client/index.ts";
import { startRedis } from "../../support/redis-server.ts";
import { until } from "../../support/until.ts";
import {
  clientOf,
  keys,
  range,
  Subscriber,
  startNode,
  submit,
  submitAndAssign,
  TO_CHANNEL,
  TO_PROCESS,
  textOf,
  wrong,
} from "./pubsub-scene.ts";

/** A node with a process whose executor may append as fast as it can. */
async function startBusyNode() {
  const server = await startNode({}, { appendBurst: 10_000 });
  const { processid } = await submitAndAssign(server);
  return { server, processid, executor: clientOf(server, keys.executor) };
}

describe("a subscription to a busy channel", () => {
  it("gets each entry once and in order, however many are appended meanwhile", async () => {
    const { server, processid, executor } = await startBusyNode();
    const COUNT = 1000;
    let next = 1;
    const appending = Promise.all(
      range(1, 8).map(async () => {
        while (next <= COUNT) {
          const sequence = next;
          next += 1;
          await executor.channelAppend(processid, "chat", sequence, 0, `${sequence}`);
        }
      }),
    );
    const subscribers: Subscriber[] = [];
    for (const nth of range(0, 19)) {
      await until(`append ${nth * 50}`, () => next > nth * 50, 60_000);
      const subscriber = await Subscriber.connect(server);
      subscriber.channel(processid, "chat", 0, 120);
      subscribers.push(subscriber);
    }
    await appending;
    const log = await clientOf(server, keys.user).channelRead(processid, "chat", 0, 0);
    expect(log).toHaveLength(COUNT);
    const expected = log.map(({ payload }) => payload);
    for (const subscriber of subscribers) {
      await subscriber.has(COUNT);
      expect(subscriber.entries.map(textOf)).toEqual(expected);
    }
  }, 120_000);

  it("gets each entry once and in order although more comes than it can be sent at once", async () => {
    const limits = { maxBacklogBytes: 30_000 };
    const server = await startNode({ limits }, { appendBurst: 10_000 });
    const { processid } = await submitAndAssign(server);
    const executor = clientOf(server, keys.executor);
    const COUNT = 200;
    const large = "y".repeat(10_000);
    let next = 1;
    const appending = Promise.all(
      range(1, 8).map(async () => {
        while (next <= COUNT) {
          const sequence = next;
          next += 1;
          await executor.channelAppend(processid, "chat", sequence, 0, `${sequence} ${large}`);
        }
      }),
    );
    const subscribers: Subscriber[] = [];
    for (const nth of range(0, 7)) {
      await until(`append ${nth * 20}`, () => next > nth * 20, 60_000);
      const subscriber = await Subscriber.connect(server);
      subscriber.channel(processid, "chat", 0, 120);
      subscribers.push(subscriber);
    }
    await appending;
    const [first, ...others] = subscribers;
    for (const subscriber of subscribers) await subscriber.has(COUNT, 20_000);
    const sequences = first?.entries.map(({ sequence }) => sequence) ?? [];
    expect([...sequences].sort((a, b) => a - b)).toEqual(range(1, COUNT));
    for (const { entries } of others) {
      expect(entries.map(({ sequence }) => sequence)).toEqual(sequences);
    }
  }, 120_000);

  it("sends a long channel in frames that a client can take", async () => {
    const { server, processid, executor } = await startBusyNode();
    const large = "x".repeat(100_000);
    for (const sequence of range(1, 40)) {
      await executor.channelAppend(processid, "chat", sequence, 0, `${sequence} ${large}`);
    }
    const subscriber = await Subscriber.connect(server);
    subscriber.channel(processid);
    await subscriber.has(40, 20_000);
    expect(subscriber.entries.map(({ sequence }) => sequence)).toEqual(range(1, 40));
    expect(subscriber.frames.length).toBeGreaterThan(10);
    expect(subscriber.raw.isOpen).toBe(true);
  }, 60_000);

  it("waits for a client that reads slowly while it is sent what is there", async () => {
    const { server, processid, executor } = await startBusyNode();
    const large = "x".repeat(150_000);
    for (const sequence of range(1, 60)) {
      await executor.channelAppend(processid, "chat", sequence, 0, `${sequence} ${large}`);
    }
    const slow = await Subscriber.connect(server);
    slow.raw.webSocket.pause();
    slow.channel(processid);
    const fast = await Subscriber.connect(server);
    fast.channel(processid);
    await fast.has(60, 20_000);
    await executor.channelAppend(processid, "chat", 61, 0, "61");
    await fast.has(61);
    slow.raw.webSocket.resume();
    await slow.has(61, 20_000);
    expect(slow.entries.map(({ sequence }) => sequence)).toEqual(range(1, 61));
    expect(server.commonroom.status().counters.slowReadersClosed).toBe(0);
  }, 60_000);
});

describe("two nodes over one Redis", () => {
  it("serve the subscriber on one and the executor on the other", async () => {
    const { url: redisUrl } = await startRedis();
    const first = await startNode({ redisUrl });
    const second = await startNode({ redisUrl });
    const { processid } = await submit(first);
    const subscriber = await Subscriber.connect(first);
    subscriber.process(processid, ProcessState.RUNNING);
    const executor = clientOf(second, keys.executor);
    await executor.assign("my-colony", 10, keys.executor);
    expect(await subscriber.frame(1)).toMatchObject({ inner: { processid, state: 1 } });
    for (const sequence of range(1, 50)) {
      await executor.channelAppend(processid, "chat", sequence, 0, `${sequence}`);
      if (sequence === 25) subscriber.channel(processid);
    }
    await subscriber.has(50);
    await executor.closeProcess(processid, []);
    expect(await subscriber.raw.end()).toMatchObject({ code: 1000 });
    expect(subscriber.entries.map(({ sequence }) => sequence)).toEqual(range(1, 50));
  }, 30_000);

  it("give each subscriber each entry once and in order, wherever it is appended", async () => {
    const { url: redisUrl } = await startRedis();
    const nodes = [await startNode({ redisUrl }), await startNode({ redisUrl })] as const;
    const { processid } = await submitAndAssign(nodes[0]);
    const COUNT = 300;
    let next = 1;
    const appending = Promise.all(
      range(1, 6).map(async (nth) => {
        const executor = clientOf(nodes[nth % 2 === 0 ? 0 : 1], keys.executor);
        while (next <= COUNT) {
          const sequence = next;
          next += 1;
          await executor.channelAppend(processid, "chat", sequence, 0, `${sequence}`);
        }
      }),
    );
    const subscribers: Subscriber[] = [];
    for (const nth of range(0, 9)) {
      await until(`append ${nth * 30}`, () => next > nth * 30, 60_000);
      const subscriber = await Subscriber.connect(nodes[nth % 2 === 0 ? 0 : 1]);
      subscriber.channel(processid, "chat", 0, 120);
      subscribers.push(subscriber);
    }
    await appending;
    const log = await clientOf(nodes[1], keys.user).channelRead(processid, "chat", 0, 0);
    expect(log).toHaveLength(COUNT);
    for (const subscriber of subscribers) {
      await subscriber.has(COUNT);
      expect(subscriber.entries.map(textOf)).toEqual(log.map(({ payload }) => payload));
    }
  }, 120_000);

  it("say so when Redis is gone, and serve again when it is back", async () => {
    const redis = await startRedis();
    const server = await startNode({ redisUrl: redis.url });
    const { processid } = await submitAndAssign(server);
    await redis.stop();
    const subscriber = await Subscriber.connect(server);
    subscriber.channel(processid);
    subscriber.process(processid, ProcessState.RUNNING);
    expect(await subscriber.frame(1)).toEqual(wrong(503, `${TO_CHANNEL}, storage not reachable`));
    expect(await subscriber.frame(2)).toEqual(wrong(503, `${TO_PROCESS}, storage not reachable`));
    await redis.start();
    await until("Redis to be reached", () => server.commonroom.status().redis === "up");
    subscriber.process(processid, ProcessState.RUNNING);
    // It kept nothing on a disk, so it knows nothing any more.
    expect(await subscriber.frame(3)).toEqual(wrong(404, `${TO_PROCESS}, process not found`));
  }, 30_000);
});
