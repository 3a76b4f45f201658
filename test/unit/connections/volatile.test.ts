import { describe, expect, it } from "vitest";
import { followEvents } from "../../support/event-stream.ts";
import { openSession, statusOf } from "../../support/long-poll-client.ts";
import { connectRaw } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { until } from "../../support/until.ts";

const quiet = { rooms: [{ match: "*", presence: false }] };
const TEXT = "x".repeat(100_000);
const join = ["1", "1", "lobby", "phx_join", {}];

describe("a volatile event", () => {
  it("is dropped for a Phoenix reader that is too slow, which stays, and reaches the quick one", async () => {
    const server = await startServer(quiet);
    const url = `${server.wsUrl}/websocket?vsn=2.0.0`;
    const [slow, quick] = [await connectRaw(url), await connectRaw(url)];
    for (const client of [slow, quick]) {
      client.send(join);
      await client.next();
    }
    const { io } = server.commonroom;
    const [slowConnection] = [...io.of("/").sockets.values()].map(({ conn }) => conn);
    slow.webSocket.pause();
    // What fits between two ends differs: until something waits, and then three times the limit.
    let left = 30;
    let sent = 0;
    await until("it to be behind for long", () => {
      io.to("lobby").volatile.emit("tick", { text: TEXT });
      sent += 1;
      if (slowConnection?.transport.writable === false) left -= 1;
      return left === 0 || server.commonroom.status().counters.slowReadersClosed > 0;
    });
    await until("the quick reader to have all", () => quick.received.length === sent + 1);
    expect(server.commonroom.status().counters.slowReadersClosed).toBe(0);
    slow.webSocket.resume();
    io.to("lobby").emit("last", {});
    await until("the slow one to read on", () =>
      JSON.stringify(slow.received.at(-1)).includes("last"),
    );
    expect(slow.received.length).toBeLessThan(sent);
  });

  it("is dropped for a reader of a room's events that is too slow, whose stream goes on", async () => {
    const server = await startServer(quiet);
    const client = await followEvents(server, "lobby");
    const { io } = server.commonroom;
    const [connection] = [...io.of("/").sockets.values()].map(({ conn }) => conn);
    client.response.pause();
    let left = 30;
    await until("it to be behind for long", () => {
      io.to("lobby").volatile.emit("tick", { text: TEXT });
      if (connection?.transport.writable === false) left -= 1;
      return left === 0 || server.commonroom.status().counters.slowReadersClosed > 0;
    });
    client.response.resume();
    io.to("lobby").emit("last", {});
    await client.hears("last");
  });

  it("is dropped for a long-polling client that does not ask, whose session goes on", async () => {
    const server = await startServer(quiet);
    const client = await openSession(server);
    await client.postLines(join);
    await client.frames();
    for (let n = 0; n < 30; n += 1) {
      server.commonroom.io.to("lobby").volatile.emit("tick", { text: TEXT });
    }
    expect(await statusOf(client)).toBe(200);
    expect(await client.frames()).toHaveLength(1);
  });

  it("reaches a reader that keeps up, with others of the same turn", async () => {
    const server = await startServer(quiet);
    const client = await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0`);
    client.send(join);
    await client.next();
    for (let n = 0; n < 20; n += 1) server.commonroom.io.to("lobby").volatile.emit("tick", { n });
    await until("all of them", () => client.received.length === 21);
  });
});
