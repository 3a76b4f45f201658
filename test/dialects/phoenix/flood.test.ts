import { describe, expect, it } from "vitest";
import { usedHeap } from "../../support/heap.ts";
import { connectRaw } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { until } from "../../support/until.ts";

const JOINS = 100_000;
const BATCH = 5000;

describe("a hundred thousand joins of one connection", () => {
  it("end with its hundred rooms, each answered, and nobody else notices", async () => {
    const server = await startServer({ rooms: [{ match: "*", presence: false }] });
    const other = await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0`);
    const client = await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0`);
    const heapBefore = usedHeap();
    let refused = 0;
    for (let n = 1; n <= JOINS; n += 1) {
      client.send(["1", String(n), `room:${n}`, "phx_join", {}]);
      if (n % BATCH > 0) continue;
      await until(`${n} answers`, () => refused + client.received.length === n, 20_000);
      refused += client.received.length;
      client.received.length = 0;
    }
    expect(server.commonroom.status().rooms).toBe(100);
    expect(usedHeap() - heapBefore).toBeLessThan(200_000_000);
    other.send([null, "1", "phoenix", "heartbeat", {}]);
    expect(await other.next()).toMatchObject([null, "1", "phoenix", "phx_reply", {}]);
  }, 60_000);
});
