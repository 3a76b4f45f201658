import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { channelRoom } from "../../../server/dialects/colonies/channels/channel-room.ts";
import { processStates } from "../../../server/dialects/colonies/processes/process.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { startRedis } from "../../support/redis-server.ts";
import { redisUrlFor, startScene } from "./channel-scene.ts";
import { EXECUTOR, MEMBER, PROCESS, processWith, STRANGER, SUBMITTER } from "./known-in-test.ts";

const stores = ["memory", "Redis"] as const;
const UNKNOWN = "f".repeat(64);
const OUTPUT = channelRoom({ processId: PROCESS, name: "output" });

const notAMember = "Access denied, not a member of Colony with name my-colony";
const appendPhrase = "Failed to append to channel";
const readPhrase = "Failed to read from channel";

/** Each row has all that is wrong in the rows below it, too. */
const order = [
  {
    wrong: "the process is unknown",
    said: { processid: UNKNOWN, name: "other" },
    signer: STRANGER,
    append: [404, `${appendPhrase}, process not found`],
    read: [404, `${readPhrase}, process not found`],
    subscribe: [404, "Failed to subscribe to channel, process not found"],
  },
  {
    wrong: "the user is no member of the colony",
    said: { name: "other" },
    signer: STRANGER,
    append: [403, notAMember],
    read: [403, notAMember],
    subscribe: [403, notAMember],
  },
  {
    wrong: "the channel is not declared",
    said: { name: "other" },
    signer: MEMBER,
    append: [404, `${appendPhrase}, channel not found`],
    read: [404, `${readPhrase}, channel not found`],
    subscribe: [404, "Failed to subscribe to channel, channel not found"],
  },
  {
    wrong: "the user is neither submitter nor executor",
    said: {},
    signer: MEMBER,
    append: [403, "Not authorized to write to channel"],
    read: [403, "Not authorized to read from channel"],
    subscribe: [403, "Not authorized to subscribe to channel"],
  },
] as const;

describe("What is wrong with the use of a channel is looked for in this order:", () => {
  it.each(order)("$wrong", async ({ said, signer, append, read, subscribe }) => {
    const { channels, ...scene } = await startScene({
      options: { colonies: { appendBurst: 1, maxChannelEntries: 1 }, limits: { maxFrameBytes: 8 } },
    });
    await scene.append();
    const text = "a".repeat(9);
    const shown = (failure: unknown) => Object.values(failure as object);
    expect(shown(await scene.append({ ...said, text, sequence: 2 }, signer))).toEqual(append);
    expect(shown(await scene.readFailure(said, signer))).toEqual(read);
    const request = { msgtype: "subscribechannelmsg", processid: PROCESS, name: "output" } as const;
    const subscribed = await channels.authorise({ ...request, ...said }, signer);
    expect(subscribed.ok ? [] : shown(subscribed.failure)).toEqual(subscribe);
  });

  it("then the payload's size, the rate, and the room that is left", async () => {
    const clock = new ManualClock();
    const scene = await startScene({
      clock,
      options: {
        colonies: { appendBurst: 2, appendsPerSec: 1, maxChannelEntries: 1 },
        limits: { maxFrameBytes: 8 },
      },
    });
    const tooLarge = { status: 500, message: "message payload exceeds maximum size" };
    const tooFast = { status: 500, message: "rate limit exceeded" };
    const full = { status: 500, message: "channel log is full" };
    expect(await scene.append({ text: "12345678" })).toBeUndefined();
    expect(await scene.append({ sequence: 2, text: "123456789" })).toEqual(tooLarge);
    expect(await scene.append({ sequence: 2 })).toEqual(full);
    expect(await scene.append({ sequence: 3, text: "123456789" })).toEqual(tooLarge);
    expect(await scene.append({ sequence: 3 })).toEqual(tooFast);
    clock.advance(1000);
    expect(await scene.append({ sequence: 3 })).toEqual(full);
  });

  it("says of a process that is over that the channel is not found", async () => {
    const { known, ...scene } = await startScene();
    for (const errors of [[], ["boom"]]) {
      known.end(Date.now(), errors);
      expect(await scene.append()).toEqual({
        status: 404,
        message: "Failed to append to channel, channel not found",
      });
      expect(await scene.readFailure()).toMatchObject({
        message: "Failed to read from channel, channel not found",
      });
    }
  });

  it("says that the storage cannot be reached where that is so", async () => {
    const { known, ...scene } = await startScene();
    known.isReachable = false;
    expect(await scene.append()).toEqual({
      status: 503,
      message: "Failed to append to channel, storage not reachable",
    });
    expect(await scene.readFailure()).toEqual({
      status: 503,
      message: "Failed to read from channel, storage not reachable",
    });
  });
});

describe("A channel", () => {
  it("is the submitter's while the process waits, and the executor's from its assignment on", async () => {
    const { known, ...scene } = await startScene();
    known.put(processWith({ state: processStates.waiting, assignedexecutorid: "" }));
    expect(await scene.append({ text: "early" }, SUBMITTER)).toBeUndefined();
    expect(await scene.append({}, EXECUTOR)).toMatchObject({ status: 403 });
    expect(await scene.append({}, "")).toMatchObject({ status: 403 });
    known.put(processWith());
    expect(await scene.read({}, EXECUTOR)).toMatchObject([{ senderid: SUBMITTER }]);
    const other = MEMBER;
    known.put(processWith({ assignedexecutorid: other }));
    expect(await scene.readFailure({}, EXECUTOR)).toMatchObject({ status: 403 });
    expect(await scene.read({}, other)).toHaveLength(1);
  });

  it("is none of a process that declares none", async () => {
    const { known, ...scene } = await startScene();
    const { channels: _none, ...spec } = processWith().spec;
    known.put(processWith({ spec }));
    expect(await scene.append()).toMatchObject({ status: 404 });
  });

  it("is not another channel, nor another process's", async () => {
    const { known, ...scene } = await startScene();
    const other = "c".repeat(64);
    known.put(processWith({ processid: other }));
    await scene.append({ text: "output" });
    await scene.append({ text: "chat", name: "chat" });
    await scene.append({ text: "other", processid: other });
    for (const said of [{}, { name: "chat" }, { processid: other }]) {
      expect(await scene.read(said)).toHaveLength(1);
    }
  });

  it("tells who comes while the process ends that it is not found, though the log has the message", async () => {
    const { known, rooms, ...scene } = await startScene();
    known.beforeFind = (count) => {
      if (count === 2) known.end(Date.now());
    };
    expect(await scene.append()).toEqual({
      status: 404,
      message: "Failed to append to channel, channel not found",
    });
    expect(await rooms.logs.read(OUTPUT, 0, 10)).toMatchObject({ offset: 1 });
  });

  it("holds back a process that appends too fast on all its channels together, and nobody else", async () => {
    const clock = new ManualClock();
    const { known, ...scene } = await startScene({
      clock,
      options: { colonies: { appendBurst: 4, appendsPerSec: 10 } },
    });
    const other = "c".repeat(64);
    known.put(processWith({ processid: other }));
    const failures: unknown[] = [];
    for (let sequence = 1; sequence <= 6; sequence += 1) {
      const name = sequence % 2 === 0 ? "output" : "chat";
      failures.push(await scene.append({ sequence, name }, sequence < 4 ? EXECUTOR : SUBMITTER));
    }
    expect(failures.filter((failure) => failure === undefined)).toHaveLength(4);
    expect(failures.at(-1)).toEqual({ status: 500, message: "rate limit exceeded" });
    expect(await scene.append({ processid: other })).toBeUndefined();
    clock.advance(100);
    expect(await scene.append({ sequence: 7 })).toBeUndefined();
    expect(await scene.append({ sequence: 8 })).toMatchObject({ message: "rate limit exceeded" });
  });
});

describe.each(stores)("A channel's log in %s", (store) => {
  it("gives back what was appended, in its order", async () => {
    const scene = await startScene({ redisUrl: await redisUrlFor(store) });
    const before = Date.now();
    await scene.append({ sequence: 1, text: "What is 2+2?" }, SUBMITTER);
    await scene.append({ sequence: 2, inreplyto: 1, text: "4" });
    await scene.append({ sequence: 3, payload: undefined, type: "end" });
    await scene.append({ sequence: 0, payload: Buffer.from([0xff, 0xfe, 0]), type: "progress" });
    const entries = await scene.read();
    const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const rest = { timestamp, type: "data", senderid: EXECUTOR, inreplyto: 0 };
    expect(entries).toEqual([
      { ...rest, sequence: 1, payload: "V2hhdCBpcyAyKzI/", senderid: SUBMITTER },
      { ...rest, sequence: 2, payload: "NA==", inreplyto: 1 },
      { ...rest, sequence: 3, payload: null, type: "end" },
      { ...rest, sequence: 0, payload: "//4A", type: "progress" },
    ]);
    const [atMs = 0] = entries.map((entry) => Date.parse(entry.timestamp));
    expect(atMs).toBeGreaterThanOrEqual(before);
    expect(atMs).toBeLessThanOrEqual(Date.now());
  });

  it("takes a repeated message once, and says that it is there", async () => {
    const scene = await startScene({
      redisUrl: await redisUrlFor(store),
      options: { colonies: { maxChannelEntries: 2 } },
    });
    for (let time = 0; time < 3; time += 1) {
      expect(await scene.append({ sequence: 5, text: "once" })).toBeUndefined();
    }
    expect(await scene.append({ sequence: 5, text: "another's" }, SUBMITTER)).toBeUndefined();
    expect(await scene.append({ sequence: 6 })).toMatchObject({ message: "channel log is full" });
    expect(await scene.append({ sequence: 5, text: "once" })).toBeUndefined();
    expect(await scene.read()).toMatchObject([
      { sequence: 5, senderid: EXECUTOR },
      { sequence: 5, senderid: SUBMITTER },
    ]);
  });

  it("takes sequences that go backwards, are 0 or negative, each time", async () => {
    const scene = await startScene({ redisUrl: await redisUrlFor(store) });
    const sequences = [3, 1, 0, 0, -4, -4, 2];
    for (const sequence of sequences) await scene.append({ sequence, text: `${sequence}` });
    const read = await scene.read();
    expect(read.map(({ sequence }) => sequence)).toEqual(sequences);
    expect(read.map(({ payload }) => Buffer.from(payload ?? "", "base64").toString())).toEqual(
      sequences.map(String),
    );
  });

  it.each([
    ["1 2 3 4 5", ["x1", "x2", "x3", "x4", "x5"], 2, "x3 x4 x5"],
    ["the document's output", ["x1", "x3", "x4"], 3, "x4"],
    ["one count for each sender", ["c1", "x1", "x2", "x3", "c2"], 3, "x3 c2"],
  ])("follows afterseq in %s", async (_name, log, afterseq, expected) => {
    const scene = await startScene({ redisUrl: await redisUrlFor(store) });
    for (const entry of log) {
      const signer = entry.startsWith("c") ? SUBMITTER : EXECUTOR;
      await scene.append({ sequence: Number(entry.slice(1)), text: entry }, signer);
    }
    const read = await scene.read({ afterseq });
    const texts = read.map(({ payload }) => Buffer.from(payload ?? "", "base64").toString());
    expect(texts.join(" ")).toBe(expected);
  });

  it("is read from its start with a negative afterseq, to its end without a limit, and no further", async () => {
    const scene = await startScene({ redisUrl: await redisUrlFor(store) });
    expect(await scene.read({ afterseq: 3 })).toEqual([]);
    for (let sequence = 1; sequence <= 5; sequence += 1) await scene.append({ sequence });
    const read = async (afterseq: number, limit: number) =>
      (await scene.read({ afterseq, limit })).map(({ sequence }) => sequence);
    expect(await read(-7, 0)).toEqual([1, 2, 3, 4, 5]);
    expect(await read(0, -1)).toEqual([1, 2, 3, 4, 5]);
    expect(await read(0, 2)).toEqual([1, 2]);
    expect(await read(2, 2)).toEqual([3, 4]);
    expect(await read(4, 100)).toEqual([5]);
    expect(await read(5, 100)).toEqual([]);
    expect(await read(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)).toEqual([]);
    expect(await read(Number.MIN_SAFE_INTEGER, Number.MIN_SAFE_INTEGER)).toEqual([1, 2, 3, 4, 5]);
  });

  it("answers with about 1 MiB at most; the next read goes on", async () => {
    const scene = await startScene({ redisUrl: await redisUrlFor(store) });
    const text = "a".repeat(100_000);
    for (let sequence = 1; sequence <= 20; sequence += 1) await scene.append({ sequence, text });
    const parts: number[][] = [];
    let last = 0;
    while (last < 20) {
      const read = await scene.read({ afterseq: last });
      const characters = JSON.stringify(read).length;
      expect(characters).toBeLessThan(1_048_576 + 1024);
      parts.push(read.map(({ sequence }) => sequence));
      last = parts.at(-1)?.at(-1) ?? 20;
    }
    expect(parts.map(({ length }) => length)).toEqual([7, 7, 6]);
  });

  it("is full by bytes, too", async () => {
    const scene = await startScene({
      redisUrl: await redisUrlFor(store),
      options: { colonies: { maxChannelBytes: 1000 } },
    });
    const text = "a".repeat(400);
    expect(await scene.append({ sequence: 1, text })).toBeUndefined();
    expect(await scene.append({ sequence: 2, text })).toBeUndefined();
    expect(await scene.append({ sequence: 3, text })).toMatchObject({
      message: "channel log is full",
    });
    expect(await scene.append({ sequence: 3, text: "a" })).toBeUndefined();
    expect(await scene.read()).toHaveLength(3);
  });

  it("keeps any bytes", async () => {
    const scene = await startScene({
      redisUrl: await redisUrlFor(store),
      options: { colonies: { appendBurst: 10_000 } },
    });
    let sequence = 0;
    await fc.assert(
      fc.asyncProperty(fc.option(fc.uint8Array(), { nil: undefined }), async (payload) => {
        sequence += 1;
        expect(await scene.append({ sequence, payload })).toBeUndefined();
        const [entry] = await scene.read({ afterseq: sequence - 1 });
        const expected = payload === undefined ? null : Buffer.from(payload).toString("base64");
        expect(entry?.payload).toBe(expected);
      }),
      { numRuns: 100 },
    );
  });
});

describe("A channel's log in Redis", () => {
  it("is the same on every node", async () => {
    const redisUrl = await redisUrlFor("Redis");
    const here = await startScene({ redisUrl });
    const there = await startScene({ redisUrl, known: here.known });
    for (const sequence of [1, 3, 5]) await here.append({ sequence });
    expect(await there.read({ afterseq: 3 })).toMatchObject([{ sequence: 5 }]);
    await there.append({ sequence: 7 });
    expect(await here.read({ afterseq: 5 })).toMatchObject([{ sequence: 7 }]);
    await there.append({ sequence: 2 });
    expect(await here.read({ afterseq: 4 })).toMatchObject([{ sequence: 2 }]);
    expect(await there.append({ sequence: 5 })).toBeUndefined();
    expect(await here.read()).toHaveLength(5);
  });

  it("says that it cannot be reached while Redis is gone, and appends nothing", async () => {
    const redis = await startRedis();
    const scene = await startScene({ redisUrl: redis.url });
    await scene.append();
    await redis.stop();
    expect(await scene.append({ sequence: 2 })).toEqual({
      status: 503,
      message: "Failed to append to channel, storage not reachable",
    });
    for (const afterseq of [0, 1]) {
      expect(await scene.readFailure({ afterseq })).toEqual({
        status: 503,
        message: "Failed to read from channel, storage not reachable",
      });
    }
  });
});
