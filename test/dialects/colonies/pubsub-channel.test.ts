import { describe, expect, it } from "vitest";
import { seal } from "../../../examples/colonies-stream/colonies-client/envelope.ts";
import { ProcessState } from "../../../examples/colonies-stream/colonies-client/index.ts";
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
  textOf,
  UNKNOWN,
  wrong,
} from "./pubsub-scene.ts";

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

  it("needs no token where rooms do: the signature says who it is", async () => {
    const server = await startNode({ auth: { jwtSecret: "a secret of this server" } });
    const { processid } = await submitAndAssign(server);
    await clientOf(server, keys.user).channelAppend(processid, "chat", 1, 0, "before");
    const subscriber = await Subscriber.connect(server);
    subscriber.channel(processid);
    await subscriber.has(1);
    await clientOf(server, keys.executor).channelAppend(processid, "chat", 1, 0, "after");
    await subscriber.has(2);
    expect(subscriber.entries.map(textOf)).toEqual(["before", "after"]);
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
    subscriber.raw.webSocket.close();
    // Without an answer the client's own timer would end it after 30 s.
    expect(await subscriber.raw.end()).toEqual({ code: 1005, reason: "" });
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
