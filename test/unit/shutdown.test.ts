import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { createCommonroom } from "../../server/index.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { connectRaw, type RawClient } from "../support/raw-client.ts";
import { startServer } from "../support/server.ts";
import { connectSocketIo } from "../support/socket-io-client.ts";
import { until, within } from "../support/until.ts";

const batches = { drainBatchSize: 2, drainEveryMs: 1000 };

async function connectMany(wsUrl: string, count: number): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (let n = 0; n < count; n += 1) {
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    // Every other one joins a room: it makes no difference.
    if (n % 2 === 0) {
      client.send(["1", "1", "lobby", "phx_join", {}]);
      await client.next();
    }
    clients.push(client);
  }
  return clients;
}

describe("a shutdown", () => {
  it("closes the clients in batches, with 1012, joined or not", async () => {
    const clock = new ManualClock();
    const { commonroom, wsUrl } = await startServer({ limits: batches }, { clock });
    const clients = await connectMany(wsUrl, 5);
    const closed = commonroom.close();
    for (const openAfter of [3, 1, 0]) {
      const isOpen = () => clients.filter((client) => client.isOpen).length;
      await until(`${openAfter} to be left`, () => isOpen() === openAfter);
      clock.advance(999);
      expect(isOpen()).toBe(openAfter);
      clock.advance(1);
    }
    await within("the shutdown", closed);
    for (const client of clients) {
      expect(await client.end()).toEqual({ code: 1012, reason: "server restarting" });
    }
  });

  it("closes all that are left in the last batch before its time is up", async () => {
    const clock = new ManualClock();
    const limits = { ...batches, shutdownTimeoutMs: 2000 };
    const { commonroom, wsUrl } = await startServer({ limits }, { clock });
    const clients = await connectMany(wsUrl, 7);
    const closed = commonroom.close();
    const isOpen = () => clients.filter((client) => client.isOpen).length;
    await until("the first batch", () => isOpen() === 5);
    clock.advance(1000);
    await within("the shutdown", closed);
    for (const client of clients) expect((await client.end()).code).toBe(1012);
  });

  it("does not wait for a connection that a browser has made ahead, and never used", async () => {
    const { commonroom, port } = await startServer();
    const unused = connect(port, "127.0.0.1");
    await new Promise((resolve) => unused.once("connect", resolve));
    // The server has accepted it once it answers a later one.
    await fetch(`http://127.0.0.1:${port}/health`);
    const ended = new Promise((resolve) => unused.once("close", resolve));
    await within("the shutdown", commonroom.close(), 2000);
    await within("its end", ended);
  });

  it("counts native clients among the others", async () => {
    const clock = new ManualClock();
    const limits = { drainBatchSize: 1, drainEveryMs: 1000 };
    const { commonroom, url, wsUrl } = await startServer({ limits }, { clock });
    const native = await connectSocketIo(url, { reconnection: false });
    const [client] = await connectMany(wsUrl, 1);
    const closed = commonroom.close();
    await until("the native one to be gone", () => !native.connected);
    expect(client?.isOpen).toBe(true);
    clock.advance(1000);
    expect((await client?.end())?.code).toBe(1012);
    await within("the shutdown", closed);
  });

  it("lets nobody in meanwhile", async () => {
    const clock = new ManualClock();
    const { commonroom, wsUrl } = await startServer({ limits: batches }, { clock });
    const clients = await connectMany(wsUrl, 3);
    const closed = commonroom.close();
    await until("the first batch", () => clients.filter((client) => client.isOpen).length === 1);
    await expect(connectRaw(`${wsUrl}/websocket?vsn=2.0.0`)).rejects.toThrow();
    clock.advance(1000);
    await within("the shutdown", closed);
  });

  it("cuts a request that never ends, when its time is up by the clock that it was given", async () => {
    const clock = new ManualClock();
    const { commonroom, port } = await startServer({}, { clock });
    const endless = connect(port, "127.0.0.1");
    const ended = new Promise((resolve) => endless.once("close", resolve));
    const arrived = new Promise<void>((resolve) => {
      commonroom.io.httpServer.once("connection", (stream) => stream.once("data", resolve));
    });
    endless.write("GET /health HTTP/1.1\r\n");
    await arrived;
    const closed = commonroom.close();
    clock.advance(9999);
    expect(endless.closed).toBe(false);
    clock.advance(1);
    await within("the shutdown", closed);
    await within("its end", ended);
  });

  it("cuts in the end who does not answer", async () => {
    const limits = { drainBatchSize: 1, drainEveryMs: 20, shutdownTimeoutMs: 100 };
    const { commonroom, wsUrl } = await startServer({ limits });
    const clients = await connectMany(wsUrl, 3);
    for (const client of clients) client.webSocket.pause();
    await within("the shutdown", commonroom.close());
  });
});

describe("a node that is closed", () => {
  const refusal = "this node is closed";

  it("does not listen any more", async () => {
    const commonroom = createCommonroom({ port: 0, logLevel: "silent" });
    await commonroom.close();
    await expect(commonroom.listen()).rejects.toThrow(refusal);
  });

  it("while it begins to listen does not listen either, whenever that was", async () => {
    const port = await freePort();
    for (let turns = 0; turns < 20; turns += 1) {
      const commonroom = createCommonroom({ host: "localhost", port, logLevel: "silent" });
      const listening = commonroom.listen().then(
        () => "listens",
        ({ message }: Error) => message,
      );
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      await commonroom.close();
      expect(["listens", refusal]).toContain(await listening);
      const answer = fetch(`http://localhost:${port}/health`, { keepalive: false });
      await expect(answer).rejects.toThrow("fetch failed");
    }
  });
});

describe("a node that is told twice to listen", () => {
  it("refuses the second time, even before it listens", async () => {
    const commonroom = createCommonroom({ port: 0, logLevel: "silent" });
    onTestFinished(() => commonroom.close());
    const first = commonroom.listen();
    await expect(commonroom.listen()).rejects.toThrow("this node serves already");
    expect((await fetch((await first).url)).status).toBe(200);
  });

  it("may listen at last where its port was taken at first", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const commonroom = createCommonroom({ port, logLevel: "silent" });
    onTestFinished(() => commonroom.close());
    await expect(commonroom.listen()).rejects.toThrow("EADDRINUSE");
    taken.close();
    await once(taken, "close");
    expect((await commonroom.listen()).port).toBe(port);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
