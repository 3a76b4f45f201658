import { describe, expect, it } from "vitest";
import { connectRaw } from "../support/raw-client.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { until } from "../support/until.ts";

/** What JavaScript would change, or write in another way. */
const text =
  ' { "big": 9007199254740993, "float": 1.0, "exp": 1E5, "text": "\\u00e9\\u2028", "list": [ 1.50 ] }\n';

/** Keeps what arrives as it came. `then`: what to wait for, and what to send. */
async function textsOf(url: string, first: unknown, then?: [string, string]): Promise<string[]> {
  const client = await connectRaw(url);
  const texts: string[] = [];
  client.webSocket.on("message", (data: Buffer) => {
    const text = data.toString();
    texts.push(text);
    if (then !== undefined && text.startsWith(then[0])) client.send(then[1]);
  });
  client.send(first);
  return texts;
}

/** Members of one room, each on a wire that carries JSON text, as lists of what they get. */
async function members({ wsUrl }: TestServer): Promise<string[][]> {
  const v1Join = { topic: "lobby", event: "phx_join", payload: {}, ref: "1" };
  const nativeJoin: [string, string] = ["40{", '421["join","lobby",{}]'];
  return Promise.all([
    textsOf(`${wsUrl}/websocket?vsn=2.0.0`, ["1", "1", "lobby", "phx_join", {}]),
    textsOf(`${wsUrl}/websocket?vsn=1.0.0`, v1Join),
    textsOf(`${wsUrl}/ws`, { type: "_join", room: "lobby", _id: 1 }),
    textsOf(`${wsUrl}/socket.io/?EIO=4&transport=websocket`, "40", nativeJoin),
  ]);
}

describe("JSON text of a backend", () => {
  it("reaches every wire that carries JSON text as it was written", async () => {
    const redis = await startRedis();
    const rooms = [{ match: "*", presence: false }];
    const server = await startServer({ redisUrl: redis.url, rooms });
    const lists = await members(server);
    await until("all to have joined", () =>
      lists.every((list) => list.some((frame) => frame.includes('"ok"'))),
    );
    const backend = await connectBackend(redis.url);
    await backend.publish("to:lobby:message", text.trimStart());
    const arrived = (frame: string): boolean => frame.includes("9007199254740993");
    await until("all to hear", () => lists.every((list) => list.some(arrived)));
    const sent = text.trim();
    expect(lists.map((list) => list.find(arrived))).toEqual([
      `[null,null,"lobby","message",${text.trimStart()}]`,
      `{"topic":"lobby","event":"message","payload":${text.trimStart()},"ref":null}`,
      `${sent.slice(0, -1)},"_room":"lobby"}`,
      `42["message",${text.trimStart()},{"room":"lobby"}]`,
    ]);
  });

  it("is a value for an application that looks at it", async () => {
    const redis = await startRedis();
    const server = await startServer({ redisUrl: redis.url });
    server.commonroom.channel("lobby", {
      intercept: { message: (_member, payload) => ({ seen: payload }) },
    });
    const heard = await textsOf(`${server.wsUrl}/ws`, { type: "_join", room: "lobby", _id: 1 });
    await until("the join", () => heard.length === 1);
    const backend = await connectBackend(redis.url);
    await backend.publish("to:lobby:message", '{"n": 1.0}');
    await until("the message", () => heard.length === 2);
    expect(heard[1]).toBe('{"seen":{"n":1},"_room":"lobby"}');
  });
});
