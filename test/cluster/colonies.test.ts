import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  ColoniesClient,
  deriveId,
  generatePrivateKey,
  ProcessState,
} from "../../examples/colonies-stream/colonies-client/index.ts";
import { type CommonroomOptions, createCommonroom } from "../../server/index.ts";
import { connectPhoenix, joinPhoenix } from "../support/phoenix-client.ts";
import { startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/until.ts";

const COLONY = "my-colony";
const TYPE = "my-executor-type";
const CHANNEL = "output";
const user = generatePrivateKey();
const executor = generatePrivateKey();

const colonies = {
  colonies: [{ name: COLONY, id: deriveId(generatePrivateKey()) }],
  executors: [{ colony: COLONY, name: "one", type: TYPE, id: deriveId(executor) }],
  users: [{ colony: COLONY, name: "ann", id: deriveId(user) }],
} satisfies CommonroomOptions["colonies"];

function clientOf(port: number, key: string): ColoniesClient {
  const client = new ColoniesClient({ host: "127.0.0.1", port });
  client.setPrivateKey(key);
  return client;
}

const spec = {
  funcname: "speak",
  conditions: { colonyname: COLONY, executortype: TYPE },
  channels: [CHANNEL],
};

describe("ColonyOS on several nodes", () => {
  it("serves client and executor at different nodes, a page at a third, and survives a restart", async () => {
    const { url: redisUrl } = await startRedis();
    const [first, second, third] = await Promise.all(
      [1, 2, 3].map(() => startServer({ redisUrl, colonies })),
    );
    if (first === undefined || second === undefined || third === undefined) throw new Error();
    const ann = clientOf(first.port, user);
    const one = clientOf(second.port, executor);
    const assigning = one.assign(COLONY, 10, executor);
    const { processid } = await ann.submitFunctionSpec(spec);
    expect(await assigning).toMatchObject({ processid, state: ProcessState.RUNNING });

    const channel = connectPhoenix(`${third.wsUrl}/socket`).channel(
      `process:${processid}:${CHANNEL}`,
      { since: 0 },
    );
    const seen: unknown[] = [];
    channel.on("message", ({ text }) => void seen.push(text));
    const states: unknown[] = [];
    channel.on("process", ({ state }) => void states.push(state));
    await joinPhoenix(channel);

    await one.channelAppend(processid, CHANNEL, 1, 0, "Hello");
    await one.channelAppend(processid, CHANNEL, 2, 0, "World");
    const texts = async (client: ColoniesClient) =>
      (await client.channelRead(processid, CHANNEL, 0, 100)).map(({ payload }) => payload);
    expect(await texts(ann)).toEqual(["Hello", "World"]);
    await until("the page to see it", () => seen.length === 2);
    expect(seen).toEqual(["Hello", "World"]);

    await Promise.all([first, second].map(({ commonroom }) => commonroom.close()));
    const anew = await startServer({ redisUrl, colonies });
    const [later, oneLater] = [clientOf(anew.port, user), clientOf(anew.port, executor)];
    expect(await later.getProcess(processid)).toMatchObject({ state: ProcessState.RUNNING });
    expect(await texts(later)).toEqual(["Hello", "World"]);
    await oneLater.channelAppend(processid, CHANNEL, 3, 0, "again");
    await oneLater.closeProcess(processid, []);
    await until("the page to be told", () => states.includes(ProcessState.SUCCESS));
    expect(seen).toEqual(["Hello", "World", "again"]);
    await expect(texts(later)).rejects.toThrow("channel not found");
  });
});

describe("A port of ColonyOS's own", () => {
  it("takes requests and subscriptions as the first one does, and closes with it", async () => {
    const commonroom = createCommonroom(
      { port: 0, colonies: { ...colonies, port: 0 } },
      { log: pino({ level: "silent" }) },
    );
    onTestFinished(() => commonroom.close());
    const { coloniesPort, port } = await commonroom.listen();
    if (coloniesPort === undefined) throw new Error("no further port");
    expect(coloniesPort).not.toBe(port);
    const ann = clientOf(coloniesPort, user);
    const { processid } = await ann.submitFunctionSpec(spec);
    await ann.channelAppend(processid, CHANNEL, 1, 0, "hi");
    const heard: unknown[] = [];
    ann.subscribeChannel(
      processid,
      CHANNEL,
      0,
      60,
      (entries) => heard.push(...entries.map(({ payload }) => payload)),
      (error) => heard.push(error),
      () => heard.push("closed"),
    );
    await until("the entry", () => heard.includes("hi"));
    expect(await clientOf(port, user).getProcess(processid)).toMatchObject({ processid });
    await commonroom.close();
    await until("the subscription to end", () => heard.includes("closed"));
    await expect(ann.getProcess(processid)).rejects.toThrow("fetch failed");
  });
});

describe("An application's own server", () => {
  async function attached(options: CommonroomOptions): Promise<number> {
    const server = createServer((_request, response) => response.end("the application's"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const commonroom = createCommonroom(options, { log: pino({ level: "silent" }) });
    onTestFinished(async () => {
      await commonroom.close();
      server.closeAllConnections();
      server.close();
    });
    await commonroom.attach(server);
    return (server.address() as AddressInfo).port;
  }

  it("keeps its own /api where the settings say nothing of colonies", async () => {
    const port = await attached({});
    const answer = await fetch(`http://127.0.0.1:${port}/api`, { method: "POST", body: "{}" });
    expect(await answer.text()).toBe("the application's");
  });

  it("gives /api to the colonies that the settings name", async () => {
    const ann = clientOf(await attached({ colonies }), user);
    expect(await ann.submitFunctionSpec(spec)).toMatchObject({ state: ProcessState.WAITING });
  });
});
