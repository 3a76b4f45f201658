import { describe, expect, it } from "vitest";
import { BusListener } from "../support/bus-listener.ts";
import { followEvents } from "../support/event-stream.ts";
import { connectPhoenix, joinPhoenix } from "../support/phoenix-client.ts";
import { joinPlain } from "../support/plain-client.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";

const PER_SENDER = 100;

describe("one room", () => {
  it("shows phoenix.js, Socket.IO on both transports, plain members, a stream of events and a Redis publisher one same ordered list", async () => {
    const redis = await startRedis();
    const server = await startServer({
      redisUrl: redis.url,
      rooms: [{ match: "*", echo: true, presence: false }],
    });
    const lists: string[][] = [[], [], [], [], []];
    const channel = connectPhoenix(`${server.wsUrl}/socket`).channel("lobby", {});
    channel.on("said", ({ text }: { text: string }) => void lists[0]?.push(text));
    await joinPhoenix(channel);
    const natives = [
      await connectSocketIo(server.url, { transports: ["websocket"] }),
      await connectSocketIo(server.url, { transports: ["polling"] }),
    ];
    for (const [index, native] of natives.entries()) {
      native.on("said", ({ text }: { text: string }) => lists[index + 1]?.push(text));
      await ask(native, "join", "lobby", {});
    }
    const plain = await joinPlain(server, "lobby");
    plain.webSocket.on("message", (data: Buffer) => {
      const { _event, text } = JSON.parse(data.toString());
      if (_event === "said") lists[3]?.push(text);
    });
    const stream = await followEvents(server, "lobby");
    const backend = await connectBackend(redis.url);
    const listening = await connectBackend(redis.url);
    const told = await new BusListener().listen(listening, "from:lobby:said");
    const [websocket, polling] = natives;
    const sent: Promise<unknown>[] = [];
    for (let n = 1; n <= PER_SENDER; n += 1) {
      channel.push("said", { text: `phoenix ${n}` });
      websocket?.emit("push", "lobby", "said", { text: `websocket ${n}` });
      polling?.emit("push", "lobby", "said", { text: `polling ${n}` });
      plain.send({ text: `plain ${n}`, _event: "said", _room: "lobby" });
      sent.push(backend.publish("to:lobby:said", JSON.stringify({ text: `redis ${n}` })));
    }
    await Promise.all(sent);
    await until("the stream's end", () => stream.events.length === 5 * PER_SENDER);
    for (const { data } of stream.events) lists[4]?.push(JSON.parse(data).text);
    await until("everything to arrive", () =>
      lists.every((list) => list.length === 5 * PER_SENDER),
    );
    expect(lists[1]).toEqual(lists[0]);
    expect(lists[2]).toEqual(lists[0]);
    expect(lists[3]).toEqual(lists[0]);
    expect(lists[4]).toEqual(lists[0]);
    await until("the backends to be told", () => told.heard.length === 4 * PER_SENDER);
    for (const sender of ["phoenix", "websocket", "polling", "plain", "redis"]) {
      const own = lists[0]?.filter((text) => text.startsWith(sender));
      const inOrder = Array.from({ length: PER_SENDER }, (_, index) => `${sender} ${index + 1}`);
      expect(own).toEqual(inOrder);
      if (sender === "redis") continue;
      const texts = told.heard.map(({ payload }) => JSON.parse(payload).text as string);
      expect(texts.filter((text) => text.startsWith(sender))).toEqual(inOrder);
    }
  });
});
