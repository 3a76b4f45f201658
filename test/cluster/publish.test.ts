import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { JsonText } from "../../server/json-text.ts";
import { publish } from "../support/publish.ts";
import { connectRaw } from "../support/raw-client.ts";
import { joinRaw } from "../support/raw-member.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { until } from "../support/until.ts";

/** What JavaScript would change, or write in another way; and text beyond ASCII. */
const text = '{ "big": 9007199254740993,"float":1.0, "exp":1E5, "text":"\\u00e9é😀\\u2028" }';

const V2 = (room: string, event: string, payload: string) =>
  `[null,null,"${room}","${event}",${payload}]`;

/** A native Socket.IO member without a library. */
async function joinNative({ wsUrl }: TestServer, room: string) {
  const client = await connectRaw(`${wsUrl}/socket.io/?EIO=4&transport=websocket`);
  const texts: string[] = [];
  client.webSocket.on("message", (data: Buffer) => texts.push(data.toString()));
  client.send("40");
  await until("Socket.IO to connect", () => texts.some((frame) => frame.startsWith("40")));
  client.send(`420["join","${room}",{}]`);
  await until("the join", () => texts.some((frame) => frame.startsWith("430")));
  texts.length = 0;
  return { texts };
}

/** Two nodes on one Redis. */
async function startNodes() {
  const redis = await startRedis();
  const options = { redisUrl: redis.url, rooms: [{ match: "*", presence: false }] };
  return { redis, here: await startServer(options), there: await startServer(options) };
}

describe("POST /publish with two nodes on one Redis", () => {
  it("reaches members of both with the same bytes, once each", async () => {
    const { here, there } = await startNodes();
    const members = [await joinRaw(here, "a"), await joinRaw(there, "a")];
    const natives = [await joinNative(here, "a"), await joinNative(there, "a")];
    const answer = await publish(here, `{"room":"a","event":"x:y","payload": ${text} }`);
    expect(answer.body).toEqual({ room: "a", event: "x:y", members: 2 });
    await publish(here, '{"room":"a","payload":"last"}');
    const expected = [V2("a", "x:y", text), V2("a", "message", '"last"')];
    await until("all to arrive", () =>
      [...members, ...natives].every(({ texts }) => texts.length >= 2),
    );
    expect(members.map(({ texts }) => texts)).toEqual([expected, expected]);
    const toNatives = [`42["x:y",${text},{"room":"a"}]`, '42["message","last",{"room":"a"}]'];
    expect(natives.map(({ texts }) => texts)).toEqual([toNatives, toNatives]);
  });

  it.each(['"text"', "[1.0]", "null", "7.0", "true", "{}", `"${"long ".repeat(20_000)}"`])(
    "carries the payload %.20s between them as it was written",
    async (payload) => {
      const { here, there } = await startNodes();
      const { texts } = await joinRaw(there, "a");
      await publish(here, `{"room":"a","payload":${payload}}`);
      await until("the message", () => texts.length === 1);
      expect(texts).toEqual([V2("a", "message", payload)]);
    },
  );

  it("leaves out a member that is on the other node", async () => {
    const { here, there } = await startNodes();
    const [ann, ben] = [await joinRaw(there, "a"), await joinRaw(there, "a")];
    const cas = await joinRaw(here, "a");
    const answer = await publish(here, { room: "a", payload: 1, except: [ann.id, cas.id] });
    expect(answer).toMatchObject({ body: { members: 0 } });
    await publish(here, { room: "a", payload: 2 });
    const all = [ann, ben, cas];
    await until("the second", () => all.every(({ texts }) => texts.at(-1)?.endsWith("2]")));
    expect(all.map(({ texts }) => texts.length)).toEqual([1, 2, 1]);
  });

  it("keeps the order of 1,000 calls, and of a batch behind them", async () => {
    const { here, there } = await startNodes();
    const members = [await joinRaw(here, "a"), await joinRaw(there, "a")];
    for (let n = 0; n < 1000; n += 1) await publish(here, { room: "a", payload: n });
    const rest = Array.from({ length: 500 }, (_, index) => ({ room: "a", payload: 1000 + index }));
    await publish(here, { messages: rest });
    await until("all to arrive", () => members.every(({ texts }) => texts.length === 1500));
    const expected = Array.from({ length: 1500 }, (_, n) => V2("a", "message", String(n)));
    for (const { texts } of members) expect(texts).toEqual(expected);
  }, 30_000);

  it("serves this node's members while Redis is away, and counts what is lost", async () => {
    const { redis, here, there } = await startNodes();
    const [near, far] = [await joinNative(here, "a"), await joinNative(there, "a")];
    await redis.stop();
    await until("the loss", () => here.commonroom.status().redis === "down");
    const answer = await publish(here, { room: "a", payload: 1 });
    expect(answer).toMatchObject({ status: 200, body: { members: 1 } });
    await until("the local one", () => near.texts.length === 1);
    await until("the count", () => here.commonroom.status().counters.adapterMessagesLost === 1);
    await redis.start();
    const isUp = ({ commonroom }: TestServer) => commonroom.status().redis === "up";
    await until("Redis", () => isUp(here) && isUp(there));
    await publish(here, { room: "a", payload: 2 });
    const second = '42["message",2,{"room":"a"}]';
    await until("both", () => [near, far].every(({ texts }) => texts.at(-1) === second));
    const missed = { reason: "messages may have been missed", code: "messages_missed" };
    expect(far.texts).toEqual([`42["missed",${JSON.stringify(missed)},{"room":"a"}]`, second]);
  });
});

describe("JSON text that server code emits", () => {
  it("reaches the members of both nodes as that text", async () => {
    const { here, there } = await startNodes();
    const members = [await joinRaw(here, "a"), await joinRaw(there, "a")];
    here.commonroom.io.to("a").emit("tick", new JsonText(text));
    await until("both", () => members.every(({ texts }) => texts.length === 1));
    for (const { texts } of members) expect(texts).toEqual([V2("a", "tick", text)]);
  });
});

describe("what somebody else writes to the nodes' channels", () => {
  /** The adapter's own encoding of its messages. */
  const { encode }: { encode(message: unknown): Buffer } = createRequire(
    createRequire(import.meta.url).resolve("@socket.io/redis-adapter"),
  )("notepack.io");

  it("is refused and counted where it is marked as JSON text and is none", async () => {
    const { redis, here, there } = await startNodes();
    const members = [await joinRaw(here, "a"), await joinRaw(there, "a")];
    const backend = await connectBackend(redis.url);
    const forge = (payload: unknown) => {
      const packet = { type: 2, nsp: "/", jsonText: true, data: ["x", payload, { room: "a" }] };
      const options = { rooms: ["a"], except: [], flags: {} };
      return backend.publish("socket.io#/#a#", encode(["forger", packet, options]));
    };
    const deep = "[".repeat(129) + "]".repeat(129);
    const bad: unknown[] = ["", '{"a":1', "1],[2", "NaN", deep, 7, null, { a: 1 }, ["[]"]];
    for (const payload of bad) await forge(payload);
    await forge("{ }");
    const nodes = [here, there];
    await until("the good one", () => members.every(({ texts }) => texts.length > 0));
    for (const { texts } of members) expect(texts).toEqual([V2("a", "x", "{ }")]);
    for (const { commonroom } of nodes) {
      expect(commonroom.status().counters.adapterMessagesRefused).toBe(bad.length);
    }
  });
});
