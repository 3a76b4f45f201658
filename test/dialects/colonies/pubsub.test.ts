import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { seal } from "../../../examples/colonies-stream/colonies-client/envelope.ts";
import { ProcessState } from "../../../examples/colonies-stream/colonies-client/index.ts";
import { connectRaw } from "../../support/raw-client.ts";
import { startRedis } from "../../support/redis-server.ts";
import { startServer } from "../../support/server.ts";
import { until } from "../../support/until.ts";
import {
  CHANNELS,
  clientOf,
  keys,
  Subscriber,
  startNode,
  submit,
  submitAndAssign,
  textOf,
  wrong,
} from "./pubsub-scene.ts";

const TO_CHANNEL = "Failed to subscribe to channel";
const TO_PROCESS = "Failed to subscribe to process";
const UNKNOWN = "f".repeat(64);

/** Numbers from `first` to `last`. */
function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

describe("a subscription to a channel", () => {
  it("gets what is there in one frame, and then a frame for each entry, its own too", async () => {
    const server = await startNode();
    const { processid } = await submitAndAssign(server);
    const [user, executor] = [clientOf(server, keys.user), clientOf(server, keys.executor)];
    for (const sequence of range(1, 3)) {
      await executor.channelAppend(processid, "chat", sequence, 0, `line ${sequence}`);
    }
    const subscriber = await Subscriber.connect(server);
    subscriber.channel(processid);
    await subscriber.has(3);
    await user.channelAppend(processid, "chat", 4, 3, "thanks");
    await executor.channelAppend(processid, "chat", 5, 4, "bye", "end");
    await subscriber.has(5);
    expect(subscriber.entries.map(textOf)).toEqual(["line 1", "line 2", "line 3", "thanks", "bye"]);
    expect(subscriber.frames.map(({ inner }) => (inner as unknown[]).length)).toEqual([3, 1, 1]);
    expect(subscriber.entries[4]).toMatchObject({ sequence: 5, inreplyto: 4, type: "end" });
    const read = await user.channelRead(processid, "chat", 0, 0);
    expect(subscriber.entries).toMatchObject(
      read.map(({ sequence, timestamp, senderid, type }) => ({
        sequence,
        timestamp,
        senderid,
        type,
      })),
    );
  });

  it("begins after the sequence that it names", async () => {
    const server = await startNode();
    const { processid } = await submitAndAssign(server);
    const executor = clientOf(server, keys.executor);
    for (const sequence of [1, 3, 7]) {
      await executor.channelAppend(processid, "output", sequence, 0, `${sequence}`);
    }
    const subscriber = await Subscriber.connect(server);
    subscriber.channel(processid, "output", 3);
    await subscriber.has(1);
    await executor.channelAppend(processid, "output", 8, 0, "8");
    await subscriber.has(2);
    expect(subscriber.entries.map(textOf)).toEqual(["7", "8"]);
  });

  it("gets each entry once and in order, however many are appended meanwhile", async () => {
    const server = await startNode({}, { appendBurst: 10_000 });
    const { processid } = await submitAndAssign(server);
    const executor = clientOf(server, keys.executor);
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

  it("sends a long channel in frames that a client can take", async () => {
    const server = await startNode({}, { appendBurst: 10_000 });
    const { processid } = await submitAndAssign(server);
    const executor = clientOf(server, keys.executor);
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
    const server = await startNode({}, { appendBurst: 10_000 });
    const { processid } = await submitAndAssign(server);
    const executor = clientOf(server, keys.executor);
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

  it("ends at its time with an empty list and 1000", async () => {
    const server = await startNode();
    const { processid } = await submitAndAssign(server);
    const subscriber = await Subscriber.connect(server);
    subscriber.channel(processid, "chat", 0, 1);
    expect(await subscriber.frame(1)).toMatchObject({ type: "subscribechannelmsg", inner: [] });
    expect(await subscriber.raw.end()).toEqual({ code: 1000, reason: "subscription over" });
  });

  it("ends with an empty list and 1000 when its process does, after all entries", async () => {
    const server = await startNode();
    const { processid } = await submitAndAssign(server);
    const executor = clientOf(server, keys.executor);
    const subscriber = await Subscriber.connect(server);
    subscriber.channel(processid);
    await executor.channelAppend(processid, "chat", 1, 0, "last");
    await executor.closeProcess(processid, ["done"]);
    expect(await subscriber.raw.end()).toMatchObject({ code: 1000 });
    expect(subscriber.frames.map(({ isError }) => isError)).not.toContain(true);
    expect(subscriber.entries.map(textOf)).toEqual(["last"]);
    expect(subscriber.frames.at(-1)?.inner).toEqual([]);
  });

  it("is there for the submitter before anyone has the process", async () => {
    const server = await startNode();
    const { processid } = await submit(server);
    const user = clientOf(server, keys.user);
    const subscriber = await Subscriber.connect(server);
    subscriber.channel(processid);
    await user.channelAppend(processid, "chat", 1, 0, "early");
    await subscriber.has(1);
    expect(subscriber.entries.map(textOf)).toEqual(["early"]);
  });

  it("ends for an executor whose process another one has", async () => {
    const server = await startNode();
    const { processid } = await submitAndAssign(server, { maxexectime: 1, maxretries: 5 });
    const subscriber = await Subscriber.connect(server);
    subscriber.channel(processid, "chat", 0, 60, keys.executor);
    const other = await Subscriber.connect(server);
    other.channel(processid, "chat");
    await until("the end", () => subscriber.frames.length > 0, 10_000);
    expect(await subscriber.frame(1)).toEqual(wrong(403, "Not authorized to subscribe to channel"));
    expect(other.raw.isOpen).toBe(true);
  }, 20_000);

  it.each([
    ["an unknown process", UNKNOWN, "chat", keys.user, 404, `${TO_CHANNEL}, process not found`],
    [
      "a stranger",
      "",
      "chat",
      keys.stranger,
      403,
      "Access denied, not a member of Colony with name my-colony",
    ],
    ["an undeclared channel", "", "nosuch", keys.user, 404, `${TO_CHANNEL}, channel not found`],
    [
      "a member who is no party",
      "",
      "chat",
      keys.otherUser,
      403,
      "Not authorized to subscribe to channel",
    ],
  ])("is refused for %s", async (_who, id, name, key, status, message) => {
    const server = await startNode();
    const { processid } = await submitAndAssign(server);
    const subscriber = await Subscriber.connect(server);
    subscriber.channel(id === "" ? processid : id, name, 0, 60, key);
    expect(await subscriber.frame(1)).toEqual(wrong(status, message));
    subscriber.channel(processid);
    await clientOf(server, keys.user).channelAppend(processid, "chat", 1, 0, "still here");
    await subscriber.has(1);
  });

  it("is refused once the process is over", async () => {
    const server = await startNode();
    const { processid } = await submitAndAssign(server);
    await clientOf(server, keys.executor).closeProcess(processid, []);
    const subscriber = await Subscriber.connect(server);
    subscriber.channel(processid);
    expect(await subscriber.frame(1)).toEqual(wrong(404, `${TO_CHANNEL}, channel not found`));
  });

  it("takes the place of an earlier one on the same connection", async () => {
    const server = await startNode();
    const { processid } = await submitAndAssign(server);
    const user = clientOf(server, keys.user);
    for (const sequence of range(1, 3)) {
      await user.channelAppend(processid, "chat", sequence, 0, `${sequence}`);
    }
    const subscriber = await Subscriber.connect(server);
    subscriber.channel(processid, "chat", 0);
    await subscriber.has(3);
    subscriber.channel(processid, "chat", 2);
    await subscriber.has(4);
    await user.channelAppend(processid, "chat", 4, 0, "4");
    await subscriber.has(5);
    expect(subscriber.entries.map(textOf)).toEqual(["1", "2", "3", "3", "4"]);
    await user.channelAppend(processid, "chat", 5, 0, "5");
    await subscriber.has(6);
    expect(subscriber.entries).toHaveLength(6);
  });

  it("shares its connection with others, and the last one closes it", async () => {
    const server = await startNode();
    const { processid } = await submitAndAssign(server);
    const user = clientOf(server, keys.user);
    const subscriber = await Subscriber.connect(server);
    subscriber.channel(processid, "chat", 0, 1);
    subscriber.channel(processid, "output", 0, 3);
    subscriber.process(processid, ProcessState.SUCCESS, 2);
    expect(await subscriber.frame(1)).toMatchObject({ inner: [] });
    await user.channelAppend(processid, "chat", 1, 0, "nobody hears");
    await user.channelAppend(processid, "output", 2, 0, "heard");
    await subscriber.has(1);
    expect(await subscriber.raw.end()).toMatchObject({ code: 1000 });
    expect(subscriber.entries.map(textOf)).toEqual(["heard"]);
    expect(subscriber.frames.map(({ isError }) => isError)).toEqual([false, false, true, false]);
  });

  it("is closed by its client at once", async () => {
    const server = await startNode();
    const { processid } = await submitAndAssign(server);
    const subscriber = await Subscriber.connect(server);
    subscriber.channel(processid);
    await clientOf(server, keys.user).channelAppend(processid, "chat", 1, 0, "hi");
    await subscriber.has(1);
    const before = performance.now();
    subscriber.raw.webSocket.close();
    await subscriber.raw.end();
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it("may be asked for by a binary frame, and is answered by text frames", async () => {
    const server = await startNode();
    const { processid } = await submitAndAssign(server);
    await clientOf(server, keys.user).channelAppend(processid, "chat", 1, 0, "hi");
    const subscriber = await Subscriber.connect(server);
    const members = { processid, name: "chat", afterseq: 0, timeout: 60 };
    const envelope = seal({ msgtype: "subscribechannelmsg", ...members }, keys.user);
    subscriber.raw.send(Buffer.from(JSON.stringify(envelope)));
    await subscriber.has(1);
    expect(subscriber.raw.received.some((message) => message instanceof Uint8Array)).toBe(false);
  });
});

describe("a subscription to a process", () => {
  it("tells when it is assigned, and when it is over", async () => {
    const server = await startNode();
    const { processid } = await submit(server);
    const subscriber = await Subscriber.connect(server);
    subscriber.process(processid, ProcessState.RUNNING);
    subscriber.process(processid, ProcessState.SUCCESS);
    const executor = clientOf(server, keys.executor);
    await executor.assign("my-colony", 10, keys.executor);
    expect(await subscriber.frame(1)).toMatchObject({
      type: "subscribeprocessmsg",
      inner: { processid, state: ProcessState.RUNNING, isassigned: true },
    });
    await executor.closeProcess(processid, ["done"]);
    expect(await subscriber.frame(2)).toMatchObject({
      inner: { processid, state: ProcessState.SUCCESS, out: ["done"] },
    });
    expect(await subscriber.raw.end()).toMatchObject({ code: 1000 });
    expect(subscriber.frames).toHaveLength(2);
  });

  it("tells at once of a state that is there, to any member of the colony", async () => {
    const server = await startNode();
    const { processid } = await submitAndAssign(server);
    const subscriber = await Subscriber.connect(server);
    subscriber.process(processid, ProcessState.RUNNING, 60, keys.otherUser);
    expect(await subscriber.frame(1)).toMatchObject({ inner: { processid, state: 1 } });
  });

  it("ends with an error where the process is over already", async () => {
    const server = await startNode();
    const { processid } = await submitAndAssign(server);
    await clientOf(server, keys.executor).failProcess(processid, ["boom"]);
    const subscriber = await Subscriber.connect(server);
    subscriber.process(processid, ProcessState.RUNNING);
    const text = `${TO_PROCESS}, process is FAILED and will not become RUNNING`;
    expect(await subscriber.frame(1)).toEqual(wrong(409, text));
    expect(await subscriber.raw.end()).toMatchObject({ code: 1000 });
  });

  it("ends with an error at its time", async () => {
    const server = await startNode();
    const { processid } = await submit(server);
    const subscriber = await Subscriber.connect(server);
    subscriber.process(processid, ProcessState.RUNNING, 1);
    const text = `${TO_PROCESS}, timeout: waited 1 s for process to become RUNNING`;
    expect(await subscriber.frame(1)).toEqual(wrong(408, text));
    expect(await subscriber.raw.end()).toMatchObject({ code: 1000 });
  });

  it("is refused for an unknown process, and for a stranger", async () => {
    const server = await startNode();
    const { processid } = await submit(server);
    const subscriber = await Subscriber.connect(server);
    subscriber.process(UNKNOWN, ProcessState.RUNNING);
    subscriber.process(processid, ProcessState.RUNNING, 60, keys.stranger);
    expect(await subscriber.frame(1)).toEqual(wrong(404, `${TO_PROCESS}, process not found`));
    expect(await subscriber.frame(2)).toEqual(
      wrong(403, "Access denied, not a member of Colony with name my-colony"),
    );
    expect(subscriber.raw.isOpen).toBe(true);
  });
});

describe("a connection to /pubsub", () => {
  it("is told what it got wrong, and goes on", async () => {
    const server = await startNode();
    const { processid } = await submitAndAssign(server);
    const subscriber = await Subscriber.connect(server);
    const good = seal({ msgtype: "subscribeprocessmsg", processid, state: 1 }, keys.user);
    subscriber.raw.send("{");
    subscriber.raw.send(Buffer.from([0xff, 0xfe]));
    subscriber.raw.send({ ...good, signature: good.signature.slice(2) });
    subscriber.raw.send({ ...good, payloadtype: "subscribechannelmsg" });
    subscriber.send({ msgtype: "getcoloniesmsg" }, keys.user);
    subscriber.process(processid, ProcessState.RUNNING);
    const unreadable = "Failed to parse request, invalid JSON";
    await subscriber.frame(6);
    expect(subscriber.frames.slice(0, 5)).toEqual([
      wrong(400, unreadable),
      wrong(400, unreadable),
      wrong(403, "Invalid signature length"),
      wrong(400, `${TO_CHANNEL}, msg.MsgType does not match rpcMsg.PayloadType`),
      wrong(403, "invalid rpcMsg.PayloadType: getcoloniesmsg"),
    ]);
    expect(subscriber.frames[5]).toMatchObject({ isError: false, inner: { state: 1 } });
  });

  it("is refused by an error frame and a close where the application says so", async () => {
    const server = await startServer({}, { connect: () => ({ ok: false, reason: "not today" }) });
    const raw = await connectRaw(`${server.wsUrl}/pubsub`);
    const subscriber = new Subscriber(raw);
    expect(await subscriber.frame(1)).toEqual(wrong(403, "not today"));
    expect(await raw.end()).toEqual({ code: 4403, reason: "not today" });
  });

  it("that floods the server with nonsense ends, and others notice nothing", async () => {
    const server = await startNode();
    const { processid } = await submitAndAssign(server);
    const witness = await Subscriber.connect(server);
    witness.channel(processid);
    const flooders = await Promise.all(range(1, 5).map(() => Subscriber.connect(server)));
    for (const { raw } of flooders) {
      for (const nth of range(1, 1000)) {
        const bytes = randomBytes(nth % 200);
        raw.webSocket.send(nth % 2 === 0 ? bytes : bytes.toString("latin1"));
      }
    }
    const executor = clientOf(server, keys.executor);
    for (const sequence of range(1, 20)) {
      await executor.channelAppend(processid, "chat", sequence, 0, `${sequence}`);
    }
    for (const { raw } of flooders) expect(await raw.end()).toMatchObject({ code: 1011 });
    await witness.has(20);
    expect(witness.entries.map(({ sequence }) => sequence)).toEqual(range(1, 20));
    expect(server.logLines.join("\n")).not.toMatch(/crash/);
  });

  it("leaves nothing behind when it is cut", async () => {
    const server = await startNode();
    const { processid } = await submitAndAssign(server);
    const cut = await Promise.all(range(1, 20).map(() => Subscriber.connect(server)));
    for (const subscriber of cut) {
      for (const name of CHANNELS) subscriber.channel(processid, name);
      subscriber.process(processid, ProcessState.SUCCESS);
    }
    for (const { raw } of cut) raw.webSocket.terminate();
    const user = clientOf(server, keys.user);
    await user.channelAppend(processid, "chat", 1, 0, "nobody");
    await until("all to be gone", () => server.commonroom.status().connections === 0);
    expect(server.logLines.join("\n")).not.toMatch(/crash/);
  });
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
