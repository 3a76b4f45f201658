import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { z } from "zod";
import { reply } from "../../../server/index.ts";
import { startServer } from "../../support/server.ts";
import { until } from "../../support/until.ts";
import { connections, connectTo, errorsOf, openChannel, startFake } from "./fake-server.ts";
import { TestClock } from "./test-clock.ts";

const reconnecting = { autoReconnect: true, reconnectDelay: 0.02 };

/** A WebSocket class, and all that were made of it. */
function noting() {
  const sockets: WebSocket[] = [];
  class NotedWebSocket extends WebSocket {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols);
      sockets.push(this);
    }
  }
  return { NotedWebSocket, sockets };
}

describe("send", () => {
  it("takes its room in three ways, and needs none", async () => {
    const fake = await startFake();
    const channel = await connectTo(fake);
    await channel.send({ n: 1 }, "r");
    await channel.send({ n: 2 }, { room: "r" });
    await channel.send_to("r", { n: 3 });
    await channel.send({ n: 4 });
    await channel.send("text");
    await channel.send({ n: 5 }, "");
    await channel.send(new Uint8Array([1, 2]));
    await channel.send(new Uint8Array([3]), "r");
    await until("all", () => fake.last.received.length === 8);
    expect(fake.last.received).toEqual([
      { n: 1, _room: "r" },
      { n: 2, _room: "r" },
      { n: 3, _room: "r" },
      { n: 4 },
      "text",
      { n: 5 },
      Buffer.from([1, 2]),
      Buffer.from('{"_room":"r"}\n\u0003'),
    ]);
  });

  it("rejects at once where it is neither connected nor coming to be", async () => {
    const fake = await startFake();
    const channel = openChannel(fake.url);
    const problem = { name: "ChannelMessageError", code: "not_connected" };
    await expect(channel.send({}, "r")).rejects.toMatchObject({ ...problem, room: "r" });
    await expect(channel.push("r", "e")).rejects.toMatchObject(problem);
    await channel.connect();
    await channel.close();
    await expect(channel.send({})).rejects.toMatchObject(problem);
  });

  it("is queued while connecting", async () => {
    const fake = await startFake();
    const channel = openChannel(fake.url);
    const connecting = channel.connect();
    await channel.send({ n: 1 });
    expect(fake.connections).toEqual([]);
    await connecting;
    await channel.send({ n: 2 });
    await until("both", () => fake.last.received.length === 2);
    expect(fake.last.received).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it("is queued through a cut, in order and once, as it was when it was sent", async () => {
    const fake = await startFake();
    const channel = await connectTo(fake, reconnecting);
    fake.cut();
    await until("the cut", () => !channel.is_connected);
    const message = { n: 0 };
    for (let n = 1; n <= 100; n += 1) {
      message.n = n;
      await channel.send(message, "r");
    }
    const bytes = new Uint8Array([1]);
    await channel.send(bytes);
    message.n = bytes[0] = 99;
    await until("all", () => fake.last.received.length === 101);
    expect(fake.last.received.slice(0, 100)).toEqual(
      Array.from({ length: 100 }, (_, index) => ({ n: index + 1, _room: "r" })),
    );
    expect(fake.last.received[100]).toEqual(Buffer.from([1]));
    await channel.close();
    await channel.connect();
    await channel.send("last");
    await until("the last", () => fake.last.received.length > 0);
    expect(fake.last.received).toEqual(["last"]);
  });

  it("goes before what an open handler sends, and after the rooms", async () => {
    const fake = await startFake();
    const channel = openChannel(fake.url, { autoReconnect: true });
    channel.on_open(() => channel.send("from on_open"));
    channel.state_signal.subscribe((state) => {
      if (state === "open") void channel.send("from the signal");
    });
    await channel.send("queued");
    void channel.join("r");
    await channel.connect();
    await until("all", () => fake.last.received.length === 4);
    expect(fake.last.received).toMatchObject([
      { type: "_join" },
      "queued",
      "from the signal",
      "from on_open",
    ]);
  });

  it("rejects when too much is queued", async () => {
    const channel = openChannel("ws://127.0.0.1:1", { autoReconnect: true, maxQueued: 2 });
    await channel.send(1);
    await channel.send(2);
    await expect(channel.send(3, "r")).rejects.toMatchObject({
      name: "ChannelMessageError",
      code: "queue_full",
      room: "r",
    });
    channel.max_queued = 3;
    await channel.send(3);
  });

  it("has a queue of a thousand", async () => {
    const channel = openChannel("ws://127.0.0.1:1", { autoReconnect: true });
    for (let n = 0; n < 1000; n += 1) await channel.send(n);
    await expect(channel.send(1000)).rejects.toMatchObject({ code: "queue_full" });
  });

  it("rejects what is not JSON, and what would be taken for a request", async () => {
    const channel = await connectTo(await startFake());
    const invalid = { name: "ChannelMessageError", code: "invalid" };
    await expect(channel.send({ n: 1n })).rejects.toMatchObject(invalid);
    await expect(channel.send(undefined)).rejects.toMatchObject(invalid);
    await expect(channel.send(() => {}, "r")).rejects.toMatchObject({ ...invalid, room: "r" });
    await expect(channel.send({ type: "_join" }, "r")).rejects.toMatchObject(invalid);
    await expect(channel.send('{"type":"_leave"}', "r")).rejects.toMatchObject(invalid);
  });

  it("tells the error handlers what the server refuses later", async () => {
    const fake = await startFake();
    const channel = await connectTo(fake);
    const errors = errorsOf(channel);
    await channel.send({ text: "hi" }, "r");
    fake.last.send({ type: "_error", code: "room_not_joined", reason: "unmatched", about: "r" });
    await until("the error", () => errors.length === 1);
    expect(errors).toMatchObject([
      { name: "ChannelMessageError", code: "room_not_joined", message: "unmatched", room: "r" },
    ]);
  });

  it("that a channel's schema refuses is told with the code, the reason and what is wrong", async () => {
    const server = await startServer();
    server.commonroom.channel("r", {
      on: { message: { payload: z.object({ n: z.number() }), handle: () => reply() } },
    });
    const channel = openChannel(`${server.wsUrl}/ws`);
    const errors = errorsOf(channel);
    await channel.connect();
    await channel.join("r");
    await channel.send_to("r", { n: "one" });
    await until("the error", () => errors.length === 1);
    expect(errors).toMatchObject([
      {
        name: "ChannelMessageError",
        code: "payload_invalid",
        message: "payload invalid",
        room: "r",
        cause: { issues: [{ path: ["n"] }] },
      },
    ]);
  });

  it("keeps what waits for the next connection where this one ends right away", async () => {
    const { NotedWebSocket, sockets } = noting();
    const fake = await startFake();
    const clock = new TestClock();
    const channel = openChannel(fake.url, { ...reconnecting, WebSocket: NotedWebSocket, clock });
    errorsOf(channel);
    const connecting = channel.connect();
    await channel.send("kept");
    await until("the handshake", () => clock.waits.at(-1) === 50);
    // As between a browser's notice of the end and the event that tells of it.
    Object.defineProperty(sockets[0], "readyState", { value: WebSocket.CLOSING });
    clock.advance(50);
    fake.cut();
    await expect(connecting).rejects.toMatchObject({ code: "not_connected" });
    clock.advance(20);
    await until("the handshake", () => clock.waits.at(-1) === 50);
    clock.advance(50);
    await until("it", () => fake.last.received.length === 1);
    expect(fake.connections.map(({ received }) => received)).toEqual([[], ["kept"]]);
  });

  it("waits for the next connection where this one is ending already", async () => {
    const { NotedWebSocket, sockets } = noting();
    const fake = await startFake();
    const channel = await connectTo(fake, { ...reconnecting, WebSocket: NotedWebSocket });
    // As between a browser's notice of the end and the event that tells of it.
    Object.defineProperty(sockets[0], "readyState", { value: WebSocket.CLOSING });
    await channel.send("between");
    expect(channel.state).toBe("open");
    fake.cut();
    await connections(fake, 2);
    await until("it", () => fake.last.received.length === 1);
    expect(fake.last.received).toEqual(["between"]);
  });
});

describe("push", () => {
  it("resolves with its own answer, and rejects with its own refusal", async () => {
    const fake = await startFake({
      reply: ({ n }) =>
        n === 2 ? { status: "error", response: { reason: "no", code: "payload_invalid" } } : { n },
    });
    const channel = await connectTo(fake);
    const [one, two, three] = [1, 2, 3].map((n) => channel.push("r", "e", { n }));
    await expect(two).rejects.toMatchObject({
      name: "ChannelMessageError",
      message: "no",
      code: "payload_invalid",
      room: "r",
    });
    expect(await one).toMatchObject({ n: 1 });
    expect(await three).toMatchObject({ n: 3 });
    expect(fake.last.received[0]).toEqual({
      n: 1,
      _event: "e",
      _id: expect.any(String),
      _room: "r",
    });
  });

  it("resolves with bytes where the answer is bytes", async () => {
    const server = await startServer();
    server.commonroom.channel("r", {
      on: { picture: { handle: () => reply(new Uint8Array([0, 10, 255])) } },
    });
    const channel = openChannel(`${server.wsUrl}/ws`);
    await channel.connect();
    await channel.join("r");
    expect(await channel.push("r", "picture")).toEqual(new Uint8Array([0, 10, 255]));
  });

  it("rejects with its own room, whatever the refusal is about", async () => {
    const response = { reason: "no", code: "taken", about: "seat 7" };
    const fake = await startFake({ reply: () => ({ status: "error", response }) });
    const channel = await connectTo(fake);
    await expect(channel.push("r", "e")).rejects.toMatchObject({ code: "taken", room: "r" });
  });

  it("is not answered by the reply to a message with an _id of its own", async () => {
    const own = ["0", "1"];
    const fake = await startFake({
      reply: ({ _id }) => (own.includes(String(_id)) ? { wrong: 1 } : { right: 1 }),
    });
    const channel = await connectTo(fake);
    for (const _id of own) await channel.send({ _id }, "r");
    expect(await channel.push("r", "e")).toMatchObject({ right: 1 });
  });

  it("works queued, also through attempts that fail", async () => {
    let isShut: boolean = false;
    const fake = await startFake({ refuseWith: () => (isShut ? 503 : undefined) });
    const channel = await connectTo(fake, reconnecting);
    const errors = errorsOf(channel);
    isShut = true;
    fake.cut();
    await until("the cut", () => !channel.is_connected);
    const pushing = channel.push("r", "e", { n: 1 });
    await until("two failures", () => errors.length >= 2);
    isShut = false;
    expect(await pushing).toEqual({});
    expect(fake.last.received).toHaveLength(1);
  });

  it("rejects where the connection is lost after it was sent", async () => {
    const fake = await startFake({ reply: () => undefined });
    const channel = await connectTo(fake, reconnecting);
    const pushing = channel.push("r", "e");
    await until("the push", () => fake.last.received.length === 1);
    fake.cut();
    await expect(pushing).rejects.toMatchObject({ code: "connection_lost", room: "r" });
    await until("the new connection", () => channel.is_connected);
    expect(fake.last.received).toEqual([]);
  });

  it("rejects where nobody answers in time, and is not sent later", async () => {
    const fake = await startFake({ reply: () => undefined });
    const channel = await connectTo(fake, { joinTimeoutMs: 30 });
    await expect(channel.push("r", "e")).rejects.toMatchObject({ code: "timeout", room: "r" });
    const clock = new TestClock();
    const away = openChannel(fake.url, { clock, autoReconnect: true, joinTimeoutMs: 30 });
    const pushing = away.push("r", "e");
    clock.advance(30);
    await expect(pushing).rejects.toMatchObject({ code: "timeout" });
    await away.send("next");
    const connecting = away.connect();
    await until("the handshake", () => clock.waits.at(-1) === 50);
    clock.advance(50);
    await connecting;
    await until("the next", () => fake.last.received.length > 0);
    expect(fake.last.received).toEqual(["next"]);
  });
});
