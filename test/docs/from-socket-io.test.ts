import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Server } from "socket.io";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Commonroom, createCommonroom } from "../../server/index.ts";
import { connectPhoenix, joinPhoenix, pushPhoenix } from "../support/phoenix-client.ts";
import { freePort } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { until, within } from "../support/until.ts";
import { WorldPage } from "./world-page.ts";

const page = new WorldPage("docs/from-socket-io.md");
const ownServer = page.block("js", "createCommonroom");
const thePage = page.block("js", 'emitWithAck("enter"');

/** Starts the page's own server, and waits until it answers. */
async function startOwn(): Promise<number> {
  const port = await freePort();
  await page.run(ownServer, port);
  const url = `http://127.0.0.1:${port}/health`;
  const isAttached = () =>
    fetch(url, { signal: AbortSignal.timeout(200) }).then(
      ({ ok }) => ok,
      () => false,
    );
  await until("the server to be attached", isAttached, 10_000);
  return port;
}

describe("docs/from-socket-io.md", { timeout: 40_000 }, () => {
  it("changes the lines that make the server, and the handlers stay", () => {
    const { added, removed } = page.change("new Server(");
    expect(removed).toHaveLength(3);
    expect(added).toHaveLength(4);
    const lines = ownServer.text.split("\n");
    for (const line of added) expect(lines).toContain(line);
    for (const line of removed) expect(lines).not.toContain(line);
  });

  it("has the page, phoenix.js and curl in a room of the server's own", async () => {
    const port = await startOwn();
    const native = await page.run(thePage, port);
    await native.printed("welcome");
    await native.printed("the page heard: hello from the page");
    const phoenix = await page.run(page.block("js", 'from "phoenix"'), port);
    await native.printed("the page heard: hello from phoenix.js");
    const { code } = await (await page.run(page.block("sh", "curl"), port)).end();
    expect(code).toBe(0);
    await native.printed("the page heard: hello from curl");
    await phoenix.printed("phoenix.js heard: hello from curl");
  });

  it("has a page that needs no server of its own", async () => {
    expect(page.text).toContain("`npm ci && npm start`");
    const { url } = await startServer();
    const other = await connectSocketIo(url);
    await ask(other, "join", "lobby", {});
    const heard = within(
      "the page's message",
      new Promise((resolve) => other.on("chat message", (...args: unknown[]) => resolve(args))),
      10_000,
    );
    const diffs: string[] = [];
    other.on("presence_diff", (diff: unknown) => void diffs.push(JSON.stringify(diff)));
    const native = await page.run(
      page.block("js", "hello without a server"),
      Number(new URL(url).port),
    );
    expect(await heard).toEqual([{ text: "hello without a server" }, { room: "lobby" }]);
    await until("the page's presence", () => diffs.join().includes('"name":"Ann"'));
    await ask(other, "push", "lobby", "chat message", { text: "hello back" });
    await native.printed("heard in lobby hello back");
  });

  it("keeps what a page missed, and sends it once, in order", async () => {
    const port = await page.startWith(page.block("toml", "log ="));
    const proxy = await TcpProxy.start(port);
    const writer = await connectSocketIo(`http://127.0.0.1:${port}`);
    await ask(writer, "join", "lobby", {});
    const say = (text: string) => ask(writer, "push", "lobby", "chat message", { text });
    await say("one");
    const upgrade = 'socket.io.engine.once("upgrade", () => console.log("upgraded"));';
    const reader = await page.run(page.block("js", "seen.since"), proxy.port, upgrade);
    await reader.printed("message 1 one");
    // Socket.IO's client, in the midst of that, hears of no cut.
    await reader.printed("upgraded");
    proxy.cut();
    await say("two");
    await say("three");
    proxy.restore();
    await reader.printed("message 3 three");
    await say("four");
    await reader.printed("message 4 four");
    const heard = reader.output.split("\n").filter((line) => line.startsWith("message"));
    expect(heard).toEqual(["message 1 one", "message 2 two", "message 3 three", "message 4 four"]);
  });

  it("says the option of a log in an application as it is", () => {
    const [, options = ""] = /`createCommonroom\((\{ rooms.*?\})\)`/.exec(page.text) ?? [];
    const log = { size: 1000, ttl: "1h" };
    expect(options).toBe(
      `{ rooms: [{ match: "lobby", log: { size: ${log.size}, ttl: "${log.ttl}" } }] }`,
    );
    createCommonroom({ rooms: [{ match: "lobby", log }] });
  });

  it("has what it says that works", async () => {
    const { io, url } = await attached();
    const steps: string[] = [];
    io.use((socket, next) => {
      steps.push(`middleware ${String(socket.handshake.auth["name"])}`);
      next();
    });
    io.of("/staff").on("connection", (socket) => {
      socket.on("who", (answer: (name: string) => void) => answer(socket.nsp.name));
    });
    io.on("connection", (socket) => {
      socket.data.name = socket.handshake.auth["name"] as string;
      socket.join("a");
      socket.onAny((event: string) => void steps.push(`any ${event}`));
      socket.on("to others", (text: string) => socket.to("a").emit("said", text));
      socket.on("to all others", (text: string) => socket.broadcast.emit("said", text));
      socket.on("out", () => socket.leave("a"));
      socket.on("bytes", (bytes: Buffer, answer: (bytes: Buffer) => void) => answer(bytes));
      socket.on("disconnecting", () => void steps.push(`rooms ${[...socket.rooms].includes("a")}`));
    });
    const ann = await connectSocketIo(url, { auth: { name: "ann" } });
    const ben = await connectSocketIo(url, {
      auth: { name: "ben" },
      transports: ["polling", "websocket"],
    });
    await until("the upgrade", () => ben.io.engine.transport.name === "websocket");
    const heard: unknown[] = [];
    ben.on("said", (text: unknown) => heard.push(text));
    ann.emit("to others", "1");
    ann.emit("to all others", "2");
    await until("both", () => heard.length === 2);
    expect(await ann.emitWithAck("bytes", Buffer.from([1, 2]))).toEqual(Buffer.from([1, 2]));
    io.to("a")
      .except(ann.id ?? "")
      .emit("said", "3");
    io.in("a").emit("said", "4");
    await until("four", () => heard.length === 4);
    expect(heard).toEqual(["1", "2", "3", "4"]);
    io.in("a").socketsJoin("b");
    const names = async (room: string): Promise<Set<string>> =>
      new Set((await io.in(room).fetchSockets()).map(({ data }) => (data as Named).name));
    expect(await names("b")).toEqual(new Set(["ann", "ben"]));
    io.in("b").socketsLeave("b");
    expect(await names("b")).toEqual(new Set());
    ann.emit("out");
    await until("ann to be out", async () => !(await names("a")).has("ann"));
    expect(await (await connectSocketIo(`${url}/staff`)).emitWithAck("who")).toBe("/staff");
    io.in("a").disconnectSockets();
    await until("the end", () => !ben.connected && steps.includes("rooms true"));
    expect(steps).toEqual(expect.arrayContaining(["middleware ann", "any to others"]));
    expect(await (await fetch(url)).text()).toBe("the application's own");
  });

  it("tells clients of other kinds what is emitted to rooms, by its first argument", async () => {
    const { io, url } = await attached();
    const native = await connectSocketIo(url);
    const heard: unknown[] = [];
    native.onAny((...args: unknown[]) => heard.push(args.slice(0, 3)));
    const channel = connectPhoenix(`${url.replace("http", "ws")}/socket`).channel("a");
    const told: unknown[] = [];
    channel.onMessage = (event, payload) => {
      if (!event.includes("reply") && !event.startsWith("presence")) told.push([event, payload]);
      return payload as unknown;
    };
    await joinPhoenix(channel);
    io.on("connection", () => {});
    io.socketsJoin("a");
    io.emit("everybody", 1);
    io.to("a").emit("room", 1);
    io.to("a").emit("room", 1, 2);
    await until("both in Phoenix", () => told.length === 2);
    expect(told).toEqual([
      ["room", 1],
      ["room", 1],
    ]);
    await until("all three", () => heard.length === 3);
    expect(heard).toEqual([
      ["everybody", 1],
      ["room", 1, { room: "a" }],
      ["room", 1, 2],
    ]);
    native.on("question", (_payload: unknown, answer: (text: string) => void) => answer("native"));
    const answers = io.to("a").timeout(500).emitWithAck("question", {});
    await expect(answers).rejects.toMatchObject({ responses: ["native"] });
  });

  it("keeps `join`, `leave` and `push` for itself, beside handlers of these names", async () => {
    const { io, url } = await attached();
    const own: string[] = [];
    io.on("connection", (socket) => socket.on("join", (room: string) => void own.push(room)));
    const native = await connectSocketIo(url);
    expect(await ask(native, "join", "a", {})).toMatchObject({ status: "ok" });
    expect(own).toEqual(["a"]);
    expect(await ask(native, "push", "a", "e", { in: Buffer.from([1]) })).toMatchObject({
      response: { code: "payload_invalid" },
    });
    expect(await ask(native, "push", "a", "e", Buffer.from([1]))).toMatchObject({ status: "ok" });
  });

  it("runs `connection` and `io.use` for every kind, and not `socket.on` for a push", async () => {
    const { io, url } = await attached();
    let connections = 0;
    const heard: unknown[] = [];
    io.on("connection", (socket) => {
      connections += 1;
      socket.on("news", (payload: unknown) => void heard.push(payload));
    });
    const native = await connectSocketIo(url);
    const channel = connectPhoenix(`${url.replace("http", "ws")}/socket`).channel("a");
    await joinPhoenix(channel);
    expect(connections).toBe(2);
    await pushPhoenix(channel, "news", { of: "Phoenix" });
    native.emit("news", "native");
    await until("the native event", () => heard.length > 0);
    expect(heard).toEqual(["native"]);
    io.use((_socket, next) => next(new Error("not you")));
    const refused = connectPhoenix(`${url.replace("http", "ws")}/socket`, {
      reconnectAfterMs: () => 60_000,
    });
    const close = new Promise((resolve) => refused.onClose((event) => resolve(event)));
    expect(await within("the close", close)).toMatchObject({ code: 4403 });
  });

  it("reads `auth: {token}` at a `join` only", async () => {
    const { io, url } = await attached();
    io.on("connection", (socket) => {
      socket.on("read", (answer: (token: unknown) => void) =>
        answer(socket.handshake.auth["token"]),
      );
    });
    const native = await connectSocketIo(url, { auth: { token: "opaque" } });
    expect(await native.emitWithAck("read")).toBe("opaque");
    expect(await ask(native, "join", "a", {})).toMatchObject({
      response: { code: "token_invalid" },
    });
  });

  it("has links that lead somewhere", () => {
    expect(page.brokenLinks()).toEqual([]);
  });

  it("has no block that was not run", () => {
    expect(page.unused).toEqual([]);
  });
});

/** What the application keeps of a socket. */
interface Named {
  readonly name: string;
}

interface Attached {
  readonly commonroom: Commonroom;
  readonly io: Server;
  readonly url: string;
}

/** An application with an HTTP server of its own, as the page has one. */
async function attached(): Promise<Attached> {
  const http = createServer((_request, response) => response.end("the application's own"));
  await once(http.listen(0, "127.0.0.1"), "listening");
  const commonroom = createCommonroom({ logLevel: "silent" });
  await commonroom.attach(http);
  onTestFinished(async () => {
    await commonroom.close();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
  const { port } = http.address() as AddressInfo;
  return { commonroom, io: commonroom.io, url: `http://127.0.0.1:${port}` };
}
