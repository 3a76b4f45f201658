import { once } from "node:events";
import { createServer, type Server } from "node:http";
import express from "express";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import { type CommonroomOptions, createCommonroom } from "../../server/index.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { connectPhoenix, joinPhoenix } from "../support/phoenix-client.ts";
import { connectRaw } from "../support/raw-client.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { secret, tokenFor } from "../support/tokens.ts";
import { within } from "../support/until.ts";

function plain(): Server {
  return createServer((request, response) => response.end(`plain ${request.url}`));
}

function withExpress(): Server {
  const app = express();
  app.get("/page", (_request, response) => {
    response.send("plain /page");
  });
  return createServer(app);
}

async function listenOn(server: Server, host: string): Promise<string> {
  server.listen(0, host);
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return addressOf(server);
}

function addressOf(server: Server): string {
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return `127.0.0.1:${address.port}`;
}

async function attachTo(server: Server, options: CommonroomOptions = {}) {
  const commonroom = createCommonroom({ logLevel: "silent", ...options });
  onTestFinished(() => commonroom.close());
  await commonroom.attach(server);
  return commonroom;
}

async function textAt(url: string): Promise<{ status: number; text: string }> {
  const response = await fetch(url);
  return { status: response.status, text: await response.text() };
}

describe.each([
  ["a plain server", plain],
  ["an Express server", withExpress],
])("attached to %s", (_what, create) => {
  it("clients of every dialect meet, and the application's own requests stay its own", async () => {
    const server = create();
    const address = await listenOn(server, "127.0.0.1");
    await attachTo(server);
    const socket = connectPhoenix(`ws://${address}/socket`);
    const channel = socket.channel("lobby", {});
    const heard = new Promise((resolve) => channel.on("hi", resolve));
    expect(await joinPhoenix(channel)).toMatchObject({ status: "ok" });
    for (const transport of ["polling", "websocket"]) {
      const native = await connectSocketIo(`http://${address}`, { transports: [transport] });
      expect(await ask(native, "join", "lobby", {})).toMatchObject({ status: "ok" });
      expect(await ask(native, "push", "lobby", "hi", { n: 1 })).toMatchObject({ status: "ok" });
    }
    expect(await within("the event", heard)).toEqual({ n: 1 });
    expect(await textAt(`http://${address}/page`)).toEqual({ status: 200, text: "plain /page" });
  });

  it("/health, /token and the long-poll addresses are served, the live page is not", async () => {
    const server = create();
    const address = await listenOn(server, "127.0.0.1");
    await attachTo(server);
    const health = await textAt(`http://${address}/health?x=1`);
    expect(JSON.parse(health.text)).toMatchObject({ status: "ok" });
    const token = await fetch(`http://${address}/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ channel: "lobby" }),
    });
    expect(await token.json()).toMatchObject({ channel: "lobby" });
    const opened = await textAt(`http://${address}/socket/longpoll?vsn=2.0.0`);
    expect(JSON.parse(opened.text)).toMatchObject({ status: 410, token: expect.any(String) });
    expect((await textAt(`http://${address}/`)).text).not.toContain("ommonroom");
  });

  it("a close ends the clients with 1012, and the application goes on", async () => {
    const server = create();
    const address = await listenOn(server, "127.0.0.1");
    const listeners = server.listeners("request");
    const commonroom = await attachTo(server);
    const client = await connectRaw(`ws://${address}/websocket?vsn=2.0.0`);
    const native = await connectSocketIo(`http://${address}`, { transports: ["polling"] });
    await within("the close", commonroom.close());
    expect((await client.end()).code).toBe(1012);
    native.disconnect();
    expect(server.listening).toBe(true);
    expect(await textAt(`http://${address}/page`)).toEqual({ status: 200, text: "plain /page" });
    expect((await textAt(`http://${address}/health`)).text).not.toContain("uptimeSecs");
    expect(server.listeners("request")).toEqual(listeners);
    expect(server.listenerCount("upgrade")).toBe(0);
  });
});

describe("attached", () => {
  it("upgrades of the application stay its own, even of one that refuses all others", async () => {
    const server = plain();
    const own = new WebSocketServer({ server, path: "/own" });
    onTestFinished(() => own.close());
    own.on("connection", (webSocket) => webSocket.send('"own"'));
    const address = await listenOn(server, "127.0.0.1");
    await attachTo(server);
    const client = await connectRaw(`ws://${address}/own`);
    expect(await client.next()).toBe("own");
    await connectRaw(`ws://${address}/websocket?vsn=2.0.0`);
    // What `ws` itself answers to another path.
    await expect(connectRaw(`ws://${address}/elsewhere`)).rejects.toThrow("400");
  });

  it("upgrades that come later to the application are left to it", async () => {
    const server = plain();
    const address = await listenOn(server, "127.0.0.1");
    await attachTo(server);
    const own = new WebSocketServer({ noServer: true });
    server.on("upgrade", (request, stream, head) => {
      if (request.url !== "/own") return;
      own.handleUpgrade(request, stream, head, (webSocket) => webSocket.send('"own"'));
    });
    expect(await (await connectRaw(`ws://${address}/own`)).next()).toBe("own");
    await connectRaw(`ws://${address}/websocket?vsn=2.0.0`);
  });

  it("an upgrade that nobody serves is answered 404 rather than left hanging", async () => {
    const server = plain();
    const address = await listenOn(server, "127.0.0.1");
    await attachTo(server);
    await expect(connectRaw(`ws://${address}/nowhere`)).rejects.toThrow("404");
  });

  it("nobody gets in while a close is under way, and no listener is left afterwards", async () => {
    const server = plain();
    const address = await listenOn(server, "127.0.0.1");
    const clock = new ManualClock();
    const limits = { drainBatchSize: 1, drainEveryMs: 1000 };
    const commonroom = createCommonroom({ limits, logLevel: "silent" }, { clock });
    await commonroom.attach(server);
    const url = `ws://${address}/websocket?vsn=2.0.0`;
    const [first, second] = [await connectRaw(url), await connectRaw(url)];
    const closed = commonroom.close();
    expect((await first.end()).code).toBe(1012);
    await expect(connectRaw(url)).rejects.toThrow("503");
    const options = { transports: ["polling"], reconnection: false };
    await expect(connectSocketIo(`http://${address}`, options)).rejects.toThrow();
    expect(second.isOpen).toBe(true);
    clock.advance(1000);
    await within("the close", closed);
    expect((await second.end()).code).toBe(1012);
    expect(server.listenerCount("upgrade")).toBe(0);
  });

  it("a close waits for the last client, and cuts one that does not answer", async () => {
    const server = plain();
    const address = await listenOn(server, "127.0.0.1");
    const commonroom = await attachTo(server, { limits: { shutdownTimeoutMs: 100 } });
    const client = await connectRaw(`ws://${address}/websocket?vsn=2.0.0`);
    client.webSocket.pause();
    await within("the close", commonroom.close());
    const count = await new Promise((resolve) => server.getConnections((_, n) => resolve(n)));
    expect(count).toBe(0);
  });

  it("a closed node takes no requests, even if its listener was wrapped by another", async () => {
    const server = plain();
    const address = await listenOn(server, "127.0.0.1");
    const commonroom = await attachTo(server);
    const [ours] = server.listeners("request");
    server.removeAllListeners("request");
    server.on("request", (...args) => Reflect.apply(ours ?? (() => {}), server, args));
    expect((await textAt(`http://${address}/health`)).text).toContain("uptimeSecs");
    await commonroom.close();
    expect((await textAt(`http://${address}/health`)).text).toBe("plain /health");
  });

  it("a node that is closed while it attaches takes no requests", async () => {
    const server = plain();
    const address = await listenOn(server, "127.0.0.1");
    const commonroom = createCommonroom({ logLevel: "silent" });
    const attaching = expect(commonroom.attach(server)).rejects.toThrow("this node is closed");
    await commonroom.close();
    await attaching;
    await expect(commonroom.attach(server)).rejects.toThrow("this node is closed");
    expect((await textAt(`http://${address}/health`)).text).toBe("plain /health");
  });

  it("a second time, a node refuses", async () => {
    const server = plain();
    await listenOn(server, "127.0.0.1");
    const commonroom = await attachTo(server);
    await expect(commonroom.attach(plain())).rejects.toThrow("serves already");
    await expect(commonroom.listen()).rejects.toThrow("serves already");
  });
});

describe("who may attach", () => {
  const refusal = "refusing to attach without a secret";

  it("without a secret: only to a server that listens on loopback already", async () => {
    const { attach, close } = createCommonroom({ logLevel: "silent" });
    onTestFinished(close);
    const open = plain();
    await expect(attach(open)).rejects.toThrow(refusal);
    await listenOn(open, "0.0.0.0");
    await expect(attach(open)).rejects.toThrow(refusal);
    const local = plain();
    await listenOn(local, "127.0.0.1");
    await attach(local);
  });

  it("with a secret: to any server, listening or not", async () => {
    const server = plain();
    await attachTo(server, { auth: { jwtSecret: secret } });
    const address = await listenOn(server, "0.0.0.0");
    const client = await connectRaw(`ws://${address}/websocket?vsn=2.0.0`);
    client.send(["1", "1", "lobby", "phx_join", { token: tokenFor("lobby") }]);
    expect(await client.next()).toMatchObject({ 3: "phx_reply", 4: { status: "ok" } });
  });

  it("and tokens are signed for all only where the server itself is on loopback", async () => {
    const statuses: (number | undefined)[] = [];
    for (const host of ["0.0.0.0", "127.0.0.1"]) {
      const server = plain();
      await attachTo(server, { auth: { jwtSecret: secret } });
      const address = await listenOn(server, host);
      const response = await fetch(`http://${address}/token`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ channel: "lobby" }),
      });
      statuses.push(response.status);
    }
    expect(statuses).toEqual([403, 200]);
  });
});
