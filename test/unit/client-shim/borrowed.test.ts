import { Socket } from "phoenix";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { Channel } from "../../../client-shim/index.ts";
import { connectPhoenix, joinPhoenix } from "../../support/phoenix-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { ask, connectSocketIo } from "../../support/socket-io-client.ts";
import { TcpProxy } from "../../support/tcp-proxy.ts";
import { secret, tokenFor } from "../../support/tokens.ts";
import { until } from "../../support/until.ts";
import { errorsOf } from "./fake-server.ts";

const quiet = { rooms: [{ match: "*", presence: false }] };

/** A Channel over a socket that ends with the test. */
function borrow(target: ConstructorParameters<typeof Channel>[0]): Channel {
  const channel = new Channel(target);
  onTestFinished(() => channel.close());
  return channel;
}

/** How many channels phoenix.js keeps. */
function channelsOf(socket: Socket): number {
  return (socket as unknown as { readonly channels: readonly unknown[] }).channels.length;
}

function membersOf(server: TestServer, room: string): number {
  return server.commonroom.io.of("/").adapter.rooms.get(room)?.size ?? 0;
}

describe("a Channel over a Socket.IO socket of the page's", () => {
  it("is open at once where the socket is, and leaves it usable", async () => {
    const server = await startServer(quiet);
    const socket = await connectSocketIo(server.url);
    const pageHeard: unknown[] = [];
    socket.on("message", (payload) => pageHeard.push(payload));
    const before = [socket.listeners("connect").length, socket.listenersAny().length];
    const channel = borrow(socket);
    const heard: unknown[] = [];
    channel.on_message((message, { room }) => heard.push([room, message]));
    await channel.connect();
    await channel.join("r");
    await ask(socket, "join", "page", {});
    for (const room of ["r", "page"]) {
      server.commonroom.io.to(room).emit("message", { room }, { room });
    }
    await until("both", () => pageHeard.length === 2 && heard.length === 2);
    expect(heard).toEqual([
      ["r", { room: "r" }],
      ["page", { room: "page" }],
    ]);
    await channel.close();
    await until("it to leave", () => membersOf(server, "r") === 0);
    expect(socket.connected).toBe(true);
    expect(membersOf(server, "page")).toBe(1);
    expect([socket.listeners("connect").length, socket.listenersAny().length]).toEqual(before);
    expect(await ask(socket, "push", "page", "message", {})).toMatchObject({ status: "ok" });
    await channel.connect();
    await until("the rejoin", () => membersOf(server, "r") === 1);
  });

  it("connects it if need be, tells of failures at once, and of the rest as it is", async () => {
    const server = await startServer();
    const socket = await connectSocketIo(server.url);
    socket.disconnect();
    const channel = borrow(socket);
    await channel.connect();
    expect(socket.connected).toBe(true);
    const errors = errorsOf(channel);
    const closes: unknown[] = [];
    channel.on_close(({ reason }) => closes.push(reason));
    server.commonroom.io.disconnectSockets();
    await until("the end", () => channel.state === "closed");
    expect(closes).toEqual(["io server disconnect"]);
    expect(errors).toMatchObject([{ name: "ChannelConnectionError" }]);
    socket.connect();
    await until("the page to connect it", () => channel.is_connected);
  });

  it("rejects a message without a room, or has it refused", async () => {
    const server = await startServer();
    const channel = borrow(await connectSocketIo(server.url));
    const errors = errorsOf(channel);
    await channel.connect();
    await channel.send({ text: "to nobody" }).catch((error) => errors.push(error));
    await until("the refusal", () => errors.length === 1);
  });

  it("loses the pushes of a cut, queues what comes then, and comes back with its library", async () => {
    const server = await startServer(quiet);
    const proxy = await TcpProxy.start(server.port);
    const socket = await connectSocketIo(`http://127.0.0.1:${proxy.port}`, {
      reconnectionDelay: 50,
      reconnectionDelayMax: 50,
    });
    const channel = borrow(socket);
    errorsOf(channel);
    let opens = 0;
    channel.on_open(() => {
      opens += 1;
    });
    await channel.connect();
    await channel.join("r");
    const pushing = channel.push("r", "e");
    proxy.cut();
    await expect(pushing).rejects.toMatchObject({ code: "connection_lost" });
    expect(channel.state).toBe("connecting");
    await expect(channel.connect()).rejects.toMatchObject({ name: "ChannelConnectionError" });
    const queued = channel.push("r", "later", {});
    proxy.restore();
    expect(await queued).toEqual({});
    expect(membersOf(server, "r")).toBe(1);
    expect(opens).toBe(2);
  });

  it("gives payloads that are neither objects nor bytes as data", async () => {
    const server = await startServer(quiet);
    const channel = borrow(await connectSocketIo(server.url));
    const heard: unknown[] = [];
    channel.on_message((message) => heard.push(message));
    await channel.connect();
    await channel.join("r");
    for (const payload of [[1], "x", 5, null, { a: 1 }, Buffer.from([7])]) {
      server.commonroom.io.to("r").emit("message", payload, { room: "r" });
    }
    await until("all", () => heard.length === 6);
    expect(heard).toEqual([
      { data: [1] },
      { data: "x" },
      { data: 5 },
      { data: null },
      { a: 1 },
      new Uint8Array([7]),
    ]);
  });
});

describe("a Channel over a Phoenix socket of the page's", () => {
  it("is open at once where the socket is, and leaves it usable", async () => {
    const server = await startServer(quiet);
    const socket = connectPhoenix(`${server.wsUrl}/socket`);
    await until("the socket", () => socket.isConnected());
    const pages = socket.channel("page", {});
    await joinPhoenix(pages);
    const channel = borrow(socket);
    const heard: unknown[] = [];
    channel.on_message((message, { room, event }) => heard.push([room, event, message]));
    await channel.connect();
    await channel.join("r");
    server.commonroom.io.to("r").emit("shout", { n: 1 }, { room: "r" });
    server.commonroom.io.to("page").emit("shout", { n: 2 }, { room: "page" });
    await until("the message", () => heard.length > 0);
    expect(heard).toEqual([["r", "shout", { n: 1 }]]);
    await channel.close();
    await until("it to leave", () => membersOf(server, "r") === 0);
    expect(socket.isConnected()).toBe(true);
    expect(pages.state).toBe("joined");
    await channel.connect();
    await until("the rejoin", () => membersOf(server, "r") === 1);
  });

  it("tells at once that it cannot be connected, and goes on with its library", async () => {
    const server = await startServer(quiet);
    const proxy = await TcpProxy.start(server.port);
    proxy.cut();
    const socket = new Socket(`ws://127.0.0.1:${proxy.port}/socket`, {
      transport: WebSocket as never,
      reconnectAfterMs: () => 50,
    });
    onTestFinished(() => socket.disconnect());
    const channel = borrow(socket);
    const errors = errorsOf(channel);
    let opens = 0;
    channel.on_open(() => {
      opens += 1;
    });
    const joining = channel.join("r");
    await expect(channel.connect()).rejects.toMatchObject({ name: "ChannelConnectionError" });
    expect(errors[0]).toMatchObject({ code: "not_connected" });
    await expect(channel.connect()).rejects.toMatchObject({ name: "ChannelConnectionError" });
    proxy.restore();
    expect(await joining).toMatchObject({ id: expect.any(String) });
    expect(opens).toBe(1);
    for (const { rooms } of [{ rooms: 1 }, { rooms: 1 }]) {
      const closed = until("the cut", () => !channel.is_connected);
      server.commonroom.io.in("r").disconnectSockets(true);
      await closed;
      await until("the rejoin", () => membersOf(server, "r") === rooms && channel.is_connected);
      expect(channelsOf(socket)).toBe(1);
    }
  });

  it("has a rejoin that is refused end the room, and tells why", async () => {
    const first = await startServer({ auth: { jwtSecret: secret } });
    const socket = new Socket(`${first.wsUrl}/socket`, {
      transport: WebSocket as never,
      reconnectAfterMs: () => 50,
      rejoinAfterMs: () => 50,
    });
    onTestFinished(() => socket.disconnect());
    const channel = borrow(socket);
    const errors = errorsOf(channel);
    await channel.connect();
    await channel.join("r", { token: tokenFor("r") });
    await first.commonroom.close();
    await startServer({ port: first.port, auth: { jwtSecret: `another ${secret}` } });
    await until("the refusal", () => errors.some(({ code }) => code === "token_invalid"));
    expect(channel.get_rooms()).toEqual([]);
    // Otherwise phoenix.js would ask again and again.
    expect(channelsOf(socket)).toBe(0);
    expect(errors.find(({ code }) => code === "token_invalid")).toMatchObject({ room: "r" });
  });

  it("joins with other params anew", async () => {
    const server = await startServer({ auth: { jwtSecret: secret } });
    const channel = borrow(connectPhoenix(`${server.wsUrl}/socket`));
    await channel.connect();
    await channel.join("r", { token: tokenFor("r", "ann") });
    await channel.join("r", { token: tokenFor("r", "ben"), presence: true });
    await expect(channel.join("r", { token: "bad" })).rejects.toMatchObject({
      code: "token_invalid",
    });
    expect(channel.get_rooms()).toEqual([]);
  });

  it("tells the error handlers of what is sent to a room that it is not in", async () => {
    const server = await startServer();
    const channel = borrow(connectPhoenix(`${server.wsUrl}/socket`));
    const errors = errorsOf(channel);
    await channel.connect();
    await channel.send({ n: 1 }, "r");
    await until("the error", () => errors.length === 1);
    expect(errors).toMatchObject([{ code: "room_not_joined", room: "r" }]);
  });
});
