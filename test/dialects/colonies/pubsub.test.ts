import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { seal } from "../../../examples/colonies-stream/colonies-client/envelope.ts";
import { ProcessState } from "../../../examples/colonies-stream/colonies-client/index.ts";
import { connectRaw } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { until } from "../../support/until.ts";
import {
  CHANNELS,
  clientOf,
  keys,
  range,
  Subscriber,
  startNode,
  submit,
  submitAndAssign,
  TO_CHANNEL,
  TO_PROCESS,
  UNKNOWN,
  wrong,
} from "./pubsub-scene.ts";

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
