import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type ColoniesClient,
  type MsgEntry,
  ProcessState,
} from "../../../examples/colonies-stream/colonies-client/index.ts";
import { startRedis } from "../../support/redis-server.ts";
import { until } from "../../support/until.ts";
import { example, examplesOf, keptExamples, unusedExamples } from "./document-examples.ts";
import { Scene } from "./document-scene.ts";

const documentPath =
  process.env["COLONYOS_CHANNELS_DOCUMENT"] ?? "../shared/originals/colonyos-channels.md";
const UNKNOWN_ID = "0".repeat(64);

describe("the document's examples", () => {
  it.skipIf(!existsSync(documentPath))("are the document's, all of them, as printed", () => {
    expect(keptExamples).toEqual(examplesOf(readFileSync(documentPath, "utf8")));
  });
});

describe.each([
  ["in memory", async () => undefined],
  ["over Redis", async () => (await startRedis()).url],
])("the document's examples, %s", (_where, redisUrl) => {
  const begin = async (): Promise<Scene> => Scene.begin(await redisUrl());

  it("defining channels: the process waits, with the channels that it declares", async () => {
    const scene = await begin();
    const { process } = await scene.defineChannels();
    expect(process).toMatchObject({
      state: ProcessState.WAITING,
      spec: { funcname: "my-function", channels: ["output", "chat"] },
    });
  });

  it("waiting, option 1: the subscription tells that it runs, once", async () => {
    const scene = await begin();
    const { client, process } = await scene.defineChannels();
    const started: string[] = [];
    const startUsingChannels = (id: string) => void started.push(id);
    await scene.run("Option 1: WebSocket Subscription (Recommended)", {
      names: { client, process, startUsingChannels },
    });
    await scene.assign();
    await scene.console.has("Process subscription closed");
    expect(started).toEqual([process.processid]);
    expect(scene.console.lines).toEqual([
      `Process is now running: ${process.processid}`,
      "Process subscription closed",
    ]);
  });

  it("waiting, option 1: a process that runs already is told at once", async () => {
    const scene = await begin();
    const { client, process } = await scene.defineChannels();
    await scene.assign();
    const started: string[] = [];
    const startUsingChannels = (id: string) => void started.push(id);
    await scene.run("Option 1: WebSocket Subscription (Recommended)", {
      names: { client, process, startUsingChannels },
    });
    await until("the start", () => started.length === 1);
  });

  it("waiting, option 2: polling sees it run", async () => {
    const scene = await begin();
    const { client, process } = await scene.defineChannels();
    const [{ runningProcess }] = await Promise.all([
      scene.run("Option 2: Polling", { names: { client, process } }),
      scene.assign(),
    ]);
    expect(runningProcess).toMatchObject({
      processid: process.processid,
      state: ProcessState.RUNNING,
    });
  });

  it("sending: text, a reply and bytes are in the channels as they were sent", async () => {
    const scene = await begin();
    const { client, process } = await sent(scene);
    expect(await client.channelRead(process.processid, "output", 0, 100)).toMatchObject([
      { sequence: 1, inreplyto: 0, payload: "Hello from executor!", type: "data" },
      { sequence: 3, inreplyto: 0, payload: "Hello", type: "data" },
    ]);
    expect(await client.channelRead(process.processid, "chat", 0, 100)).toMatchObject([
      { sequence: 2, inreplyto: 1, payload: "This is a reply to message 1", type: "data" },
    ]);
  });

  it("reading, HTTP polling: all messages, then those after a number", async () => {
    const scene = await begin();
    const { client, process } = await sent(scene);
    for (const sequence of [4, 5, 6, 7]) {
      await scene.executor.channelAppend(process.processid, "output", sequence, 0, `#${sequence}`);
    }
    const names = { client, processId: process.processid };
    const { newMessages } = await scene.run("HTTP Polling", { names });
    expect(scene.console.lines).toEqual([
      "[1] Hello from executor!",
      "[3] Hello",
      ...["[4] #4", "[5] #5", "[6] #6", "[7] #7"],
    ]);
    expect((newMessages as MsgEntry[]).map(({ sequence }) => sequence)).toEqual([6, 7]);
  });

  it.each([
    ["end", "Stream ended"],
    ["error", "Stream error: out of paper"],
  ])("reading, WebSocket streaming: what was there, what comes, and the %s", async (type, line) => {
    const scene = await begin();
    const { client, process } = await sent(scene);
    const append = (sequence: number, payload: string, ofType?: string) =>
      scene.executor.channelAppend(process.processid, "output", sequence, 0, payload, ofType);
    const names = { client, processId: process.processid };
    await scene.run("WebSocket Streaming (Recommended)", { names });
    await scene.console.has("[3] Hello");
    await append(4, "live");
    await append(5, "out of paper", type);
    await scene.console.has("Channel subscription closed");
    expect(scene.console.lines).toEqual([
      "[1] Hello from executor!",
      "[3] Hello",
      "[4] live",
      "[5] out of paper",
      line,
      "Channel subscription closed",
    ]);
  });

  it("bidirectional: a question, its answer and thanks, heard by both at once", async () => {
    const scene = await begin();
    const submitter = scene.colony.clientOf(scene.colony.keys.user);
    const { processid } = await submitter.submitFunctionSpec({
      funcname: "calculate",
      conditions: { colonyname: "my-colony", executortype: "my-executor-type" },
      channels: ["chat"],
    });
    await scene.assign();
    const heard = [listen(submitter, processid), listen(scene.executor, processid)];
    await submitter.channelAppend(processid, "chat", 1, 0, "What is 2+2?");
    await scene.executor.channelAppend(processid, "chat", 2, 1, "4");
    await submitter.channelAppend(processid, "chat", 3, 0, "Thanks!");
    const talk = ["1 to 0: What is 2+2?", "2 to 1: 4", "3 to 0: Thanks!"];
    for (const lines of heard) {
      await until("the whole talk", () => lines.length >= talk.length);
      expect(lines).toEqual(talk);
    }
  });

  it("the complete chat runs from its start to the end of its process", async () => {
    const scene = await begin();
    const { chatExecutor } = scene.colony.keys;
    const executor = scene.colony.clientOf(chatExecutor);
    await scene.chat();
    const { processid, spec } = await scene.assign(chatExecutor);
    expect(spec).toMatchObject({
      funcname: "chat-handler",
      kwargs: { prompt: "Hello, how can I help you?" },
    });
    await scene.console.has("Chat session ready!");
    await executor.channelAppend(processid, "chat", 1, 0, "Hello, how can I help you?");
    await executor.channelAppend(processid, "chat", 2, 0, "", "end");
    await scene.console.has("Conversation ended");
    await executor.closeProcess(processid, ["done"]);
    await scene.console.has("Disconnected");
    expect(scene.console.lines).toEqual([
      `Submitted process: ${processid}`,
      "Process is running",
      "Chat session ready!",
      "Assistant: Hello, how can I help you?",
      "Conversation ended",
      "Disconnected",
    ]);
  });

  it("entries have the members that the document lists, of those types", async () => {
    const scene = await begin();
    const { client, process } = await sent(scene);
    const members = [...example("Message Entry Structure").matchAll(/^ +(\w+)\??: (\w+);/gm)];
    expect(members.map(([, name]) => name)).toEqual(["sequence", "inreplyto", "type", "payload"]);
    for (const entry of await client.channelRead(process.processid, "output", 0, 0)) {
      const types = new Map(Object.entries(entry).map(([name, value]) => [name, typeof value]));
      for (const [, name = "", type] of members) expect(types.get(name)).toBe(type);
    }
  });

  it("states have the numbers that the document lists, through a process's life", async () => {
    const scene = await begin();
    const { ProcessState: printed } = await scene.run("Process States", {});
    expect(printed).toMatchObject(ProcessState);
    for (const [end, state] of [
      ["closeProcess", ProcessState.SUCCESS],
      ["failProcess", ProcessState.FAILED],
    ] as const) {
      const { process, client } = await scene.defineChannels();
      const states = [process.state, (await scene.assign()).state];
      await client[end](process.processid, ["done"]);
      states.push((await client.getProcess(process.processid)).state);
      expect(states).toEqual([ProcessState.WAITING, ProcessState.RUNNING, state]);
    }
  });

  describe("error handling", () => {
    const NO_CHANNEL = "Channel does not exist or process not running";
    const read = (scene: Scene, client: ColoniesClient, processId: string) =>
      scene.run("Error Handling", { names: { client, processId } });

    it("tells a channel that was not declared", async () => {
      const scene = await begin();
      const client = scene.colony.clientOf(scene.colony.keys.user);
      const { processid } = await client.submitFunctionSpec({
        funcname: "quiet",
        conditions: { colonyname: "my-colony", executortype: "my-executor-type" },
        channels: ["other"],
      });
      await read(scene, client, processid);
      expect(scene.console.lines).toEqual([NO_CHANNEL]);
    });

    it("tells a process that is over", async () => {
      const scene = await begin();
      const { client, process } = await scene.defineChannels();
      await scene.assign();
      await client.closeProcess(process.processid, []);
      await read(scene, client, process.processid);
      expect(scene.console.lines).toEqual([NO_CHANNEL]);
    });

    it("tells a process that does not exist", async () => {
      const scene = await begin();
      await read(scene, scene.executor, UNKNOWN_ID);
      expect(scene.console.lines).toEqual(["Process does not exist"]);
    });

    it("tells anything else in the server's words", async () => {
      const scene = await begin();
      const { process } = await scene.defineChannels();
      const stranger = scene.colony.clientOf(scene.colony.keys.stranger);
      await read(scene, stranger, process.processid);
      expect(scene.console.lines).toEqual([
        "Unexpected error: Error: Access denied, not a member of Colony with name my-colony",
      ]);
    });

    it("tells nothing where the channel can be read", async () => {
      const scene = await begin();
      const { client, process } = await sent(scene);
      await read(scene, client, process.processid);
      expect(scene.console.lines).toEqual([]);
    });
  });

  it("all were run", () => {
    expect(unusedExamples()).toEqual([]);
  });
});

/** A process that runs, with the messages that the document's executor sends. */
async function sent(scene: Scene) {
  const { client, process } = await scene.defineChannels();
  const executorPrvKey = scene.colony.keys.executor;
  const { assigned } = await scene.run("Sending Messages (Executor Side)", {
    names: { client, executorPrvKey },
  });
  expect(assigned).toMatchObject({ processid: process.processid, state: ProcessState.RUNNING });
  return { client, process };
}

/** What a client hears in a chat, a line each. */
function listen(client: ColoniesClient, processid: string): readonly string[] {
  const lines: string[] = [];
  const write = ({ sequence, inreplyto, payload }: MsgEntry) =>
    lines.push(`${sequence} to ${inreplyto}: ${payload}`);
  client.subscribeChannel(
    processid,
    "chat",
    0,
    30,
    (entries) => entries.forEach(write),
    ({ message }) => lines.push(message),
    () => {},
  );
  return lines;
}
