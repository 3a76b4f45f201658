import { connect } from "node:net";
import { describe, expect, it } from "vitest";
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

  it("cuts in the end who does not answer", async () => {
    const limits = { drainBatchSize: 1, drainEveryMs: 20, shutdownTimeoutMs: 100 };
    const { commonroom, wsUrl } = await startServer({ limits });
    const clients = await connectMany(wsUrl, 3);
    for (const client of clients) client.webSocket.pause();
    await within("the shutdown", commonroom.close());
  });
});
