import { describe, expect, it } from "vitest";
import {
  type ColoniesClient,
  deriveId,
  generatePrivateKey,
  ProcessState,
  sign,
} from "../../../examples/colonies-stream/colonies-client/index.ts";
import { replyText, startRecorder } from "../../support/colonies-recorder.ts";
import { until } from "../../support/until.ts";
import vectors from "../../vectors/colonies.json" with { type: "json" };

const { server, colony, executor, user } = vectors.identities;
const P = "a".repeat(64);
const ignore = (): void => {};

/** The calls that were recorded, in the order of the vectors. */
const calls: readonly (readonly [key: string, (client: ColoniesClient) => unknown])[] = [
  [server.privateKey, (client) => client.addColony({ colonyid: colony.id, name: "my-colony" })],
  [
    colony.privateKey,
    (client) =>
      client.addExecutor({
        executorid: executor.id,
        executortype: "chat-executor",
        executorname: "exec1",
        colonyname: "my-colony",
      }),
  ],
  [colony.privateKey, (client) => client.approveExecutor("my-colony", "exec1")],
  [
    colony.privateKey,
    (client) =>
      client.addUser({
        colonyname: "my-colony",
        userid: user.id,
        name: "alice",
        email: "",
        phone: "",
      }),
  ],
  [
    user.privateKey,
    (client) =>
      client.submitFunctionSpec({
        funcname: "chat-handler",
        conditions: { colonyname: "my-colony", executortype: "chat-executor" },
        maxwaittime: 60,
        maxexectime: 300,
        channels: ["chat"],
      }),
  ],
  [user.privateKey, (client) => client.assign("my-colony", 10, executor.privateKey)],
  [user.privateKey, (client) => client.getProcess(P)],
  [executor.privateKey, (client) => client.channelAppend(P, "chat", 1, 0, "Hello")],
  [executor.privateKey, (client) => client.channelAppend(P, "chat", 2, 1, "4")],
  [
    executor.privateKey,
    (client) => client.channelAppend(P, "output", 3, 0, Uint8Array.of(0, 255, 72)),
  ],
  [executor.privateKey, (client) => client.channelAppend(P, "chat", 4, 0, "hé😀")],
  [user.privateKey, (client) => client.channelRead(P, "output", 0, 100)],
  [executor.privateKey, (client) => client.closeProcess(P, ["done"])],
  [executor.privateKey, (client) => client.failProcess(P, ["boom"])],
  [
    user.privateKey,
    (client) =>
      client.subscribeProcess("my-colony", P, ProcessState.RUNNING, 300, ignore, ignore, ignore),
  ],
  [user.privateKey, (client) => client.subscribeChannel(P, "chat", 0, 300, ignore, ignore, ignore)],
];

describe("the example's client signs as the original", () => {
  it.each(Object.values(vectors.identities))("has the identity $id of its key", (identity) => {
    expect(deriveId(identity.privateKey)).toBe(identity.id);
  });

  it.each(vectors.signatures)("signs $message with the key $key", ({ key, message, signature }) => {
    const identity = Object.entries(vectors.identities).find(([name]) => name === key)?.[1];
    expect(sign(message, identity?.privateKey ?? "")).toBe(signature);
  });

  it.each(["", "0".repeat(64), "f".repeat(64), "1".repeat(63), "g".repeat(64)])(
    "refuses the key %j",
    (key) => {
      expect(() => sign("hello", key)).toThrow("a private key is 64 hexadecimal digits");
      expect(() => deriveId(key)).toThrow(RangeError);
    },
  );

  it("makes keys that work, each another", () => {
    const keys = [generatePrivateKey(), generatePrivateKey()];
    expect(new Set(keys.map(deriveId)).size).toBe(2);
  });
});

describe("the example's client sends what the original sends, byte for byte", () => {
  it("has a call for each recorded request", () => {
    expect(calls).toHaveLength(vectors.requests.length);
  });

  it.each(vectors.requests.map(({ name, body }, index) => [name, index, body] as const))(
    "%s (%i)",
    async (_name, index, body) => {
      const { client, received } = await startRecorder();
      const [key, call] = calls[index] ?? [];
      client.setPrivateKey(key ?? "");
      // What the recorder answers is no process and no list.
      await Promise.resolve(call?.(client)).catch(ignore);
      await until("the request", () => received.length === 1);
      expect(received).toEqual([body]);
    },
  );

  it("a message's type goes behind its payload", async () => {
    const { client, received } = await startRecorder();
    client.setPrivateKey(executor.privateKey);
    await client.channelAppend(P, "output", 3, 0, "", "end");
    const { payload } = JSON.parse(received[0] ?? "") as { payload: string };
    expect(Buffer.from(payload, "base64").toString()).toBe(
      `{"msgtype":"channelappendmsg","processid":"${P}","name":"output","sequence":3,"inreplyto":0,"payload":[],"payloadtype":"end"}`,
    );
  });
});

describe("the example's client and answers", () => {
  const words = "Failed to get process, process not found";
  const failure = replyText({ status: 404, message: words }, true);

  it.each([
    [404, failure, words],
    [200, failure, words],
    [404, replyText({ status: 404, message: words }), words],
    [500, replyText({ other: 1 }, true), '{"other":1}'],
    [404, "404 page not found", "Request failed with status 404: Not Found"],
    [200, "", "JSON"],
    [200, replyText({ processid: 1 }), "processid"],
  ])("status %i with %j: %s", async (status, text, message) => {
    const { client, answers } = await startRecorder();
    client.setPrivateKey(user.privateKey);
    answers.push({ status, text });
    await expect(client.getProcess(P)).rejects.toThrow(message);
  });

  it("decodes payloads as text, and always has inreplyto", async () => {
    const { client, answers } = await startRecorder();
    client.setPrivateKey(user.privateKey);
    const entries: unknown = JSON.parse(vectors.goReply.entriesJson);
    answers.push({ status: 200, text: replyText(entries) });
    expect(await client.channelRead(P, "chat", 0, 100)).toMatchObject([
      { sequence: 1, inreplyto: 0, payload: "What is 2+2?", type: "data" },
      { sequence: 2, inreplyto: 1, payload: "4", type: "data" },
      { sequence: 3, inreplyto: 0, payload: "", type: "end" },
      { sequence: 4, inreplyto: 0, payload: "", type: "whatever" },
    ]);
  });

  it("has no list of processes where the server answers null", async () => {
    const { client, answers } = await startRecorder();
    client.setPrivateKey(user.privateKey);
    answers.push({ status: 200, text: replyText(null) });
    expect(await client.getProcesses("my-colony", 10, ProcessState.WAITING)).toEqual([]);
  });

  it("asks for a key before it sends anything", async () => {
    const { client, received } = await startRecorder();
    await expect(client.getProcess(P)).rejects.toThrow("call setPrivateKey first");
    expect(() => client.subscribeChannel(P, "chat", 0, 1, ignore, ignore, ignore)).toThrow(
      "call setPrivateKey first",
    );
    expect(received).toEqual([]);
  });

  it("tells a failed subscription, one that cannot be read, and its close", async () => {
    const { client, answers } = await startRecorder();
    client.setPrivateKey(user.privateKey);
    const told: string[] = [];
    const onError = ({ message }: Error) => void told.push(message);
    for (const text of [failure, "no JSON"]) {
      answers.push({ status: 200, text });
      const socket = client.subscribeChannel(P, "chat", 0, 1, ignore, onError, () =>
        told.push("closed"),
      );
      const before = told.length;
      await until("the error", () => told.length > before);
      socket.close();
      await until("the close", () => told.at(-1) === "closed");
    }
    expect(told).toEqual([words, "closed", expect.stringContaining("JSON"), "closed"]);
  });

  it("ends a wait for a process by its signal", async () => {
    const { client } = await startRecorder();
    const waiting = client.assign("my-colony", 10, executor.privateKey, AbortSignal.abort());
    await expect(waiting).rejects.toThrow("aborted");
  });
});
