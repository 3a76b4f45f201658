import { describe, expect, it } from "vitest";
import type { Clock } from "../../../server/clock.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { connectRaw, type RawClient } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { until, within } from "../../support/until.ts";

const limits = { dialectTimeoutMs: 10_000, idleTimeoutMs: 60_000 };
/** A list that is too deep to be encoded. */
const DEEP = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;

describe("a phoenix.js connection is closed", () => {
  it.each([
    ["text that is not JSON", "not json"],
    ["an object", '{"a":1}'],
    ["four elements", '["1","2","room:a","x"]'],
    ["a ref that is an object", '[{},"2","room:a","x",{}]'],
    ["an empty frame", ""],
    ["a JSON string", '"x"'],
  ])("with 1011 for %s", async (_what, text) => {
    const { wsUrl, commonroom } = await startServer();
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    client.send(text);
    expect(await client.end()).toMatchObject({ code: 1011 });
    expect(commonroom.status().counters.badFrames).toBe(1);
  });

  it("not for a sixth element", async () => {
    const { wsUrl } = await startServer();
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    client.send([null, "1", "phoenix", "heartbeat", {}, "extra"]);
    expect(await client.next()).toMatchObject([null, "1", "phoenix", "phx_reply", {}]);
  });

  it("with 1009 for a frame over the limit", async () => {
    const { wsUrl } = await startServer();
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    client.send(["1", "1", "a", "b", "x".repeat(1_048_577)]);
    expect(await client.end()).toMatchObject({ code: 1009 });
  });

  it("with 1007 for text that is not UTF-8", async () => {
    const { wsUrl } = await startServer();
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    client.webSocket.send(Buffer.from([0xff, 0xfe]), { binary: false });
    expect(await client.end()).toMatchObject({ code: 1007 });
  });

  it("with 1002 when it is silent for longer than the idle time-out", async () => {
    const { wsUrl } = await startServer({ limits: { ...limits, idleTimeoutMs: 200 } });
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    expect(await client.end()).toMatchObject({ code: 1002 });
  });

  it("not for the time in which the server was held up, and everyone's silence begins anew", async () => {
    const manual = new ManualClock();
    let heldUpMs = 0;
    const clock: Clock = {
      now: () => manual.now() + heldUpMs,
      after: (delayMs, task) => manual.after(delayMs, task),
      every: (periodMs, task) => manual.every(periodMs, task),
    };
    const { commonroom, wsUrl } = await startServer({ limits }, { clock });
    const clients = await Promise.all([1, 2].map(() => connectRaw(`${wsUrl}/websocket?vsn=2.0.0`)));
    await until("their sockets", () => commonroom.io.sockets.sockets.size === 2);
    const ping = async (client: RawClient): Promise<void> => {
      client.webSocket.ping();
      await new Promise((resolve) => client.webSocket.once("pong", resolve));
    };
    const [silent, speaking] = clients as [RawClient, RawClient];
    manual.advance(30_000);
    heldUpMs = 3_600_000;
    // What was sent meanwhile may be read before it is looked who is silent, or later.
    await ping(speaking);
    manual.advance(29_000);
    await ping(silent);
    expect(silent.isOpen).toBe(true);
    manual.advance(34_000);
    expect(await speaking.end()).toMatchObject({ code: 1002 });
    await ping(silent);
    manual.advance(64_000);
    expect(await silent.end()).toMatchObject({ code: 1002 });
  });

  it("not while pings keep it awake", async () => {
    const { wsUrl } = await startServer({ limits: { ...limits, idleTimeoutMs: 300 } });
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    const startedMs = Date.now();
    let pongs = 0;
    client.webSocket.on("pong", () => {
      pongs += 1;
    });
    await until("ten pongs over more than two idle time-outs", () => {
      client.webSocket.ping();
      return pongs >= 10 && Date.now() - startedMs > 800;
    });
    expect(client.webSocket.readyState).toBe(client.webSocket.OPEN);
  });
  it("not for a ping, which is answered with its own payload", async () => {
    const { wsUrl } = await startServer();
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    const pongs: string[] = [];
    client.webSocket.on("pong", (data) => pongs.push(data.toString()));
    client.webSocket.ping("");
    client.webSocket.ping("payload");
    client.send([null, "1", "phoenix", "heartbeat", {}]);
    expect(await client.next()).toMatchObject([null, "1", "phoenix", "phx_reply", {}]);
    await until("both pongs", () => pongs.length === 2);
    expect(pongs).toEqual(["", "payload"]);
  });

  it("with 4408 when it never shows its dialect", async () => {
    const { wsUrl } = await startServer({ limits: { ...limits, dialectTimeoutMs: 200 } });
    const client = await connectRaw(`${wsUrl}/websocket`);
    expect(await client.end()).toMatchObject({ code: 4408 });
  });

  it("with 4400 when its first frame is of no dialect", async () => {
    const { wsUrl } = await startServer();
    const client = await connectRaw(`${wsUrl}/websocket`);
    client.send("hello");
    expect(await client.end()).toMatchObject({ code: 4400 });
  });

  it("with 1012 when the server stops, whether it has joined a room or not", async () => {
    const { wsUrl, commonroom } = await startServer();
    const idle = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    const member = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    member.send(["1", "1", "lobby", "phx_join", {}]);
    await member.next();
    await commonroom.close();
    expect(await idle.end()).toMatchObject({ code: 1012 });
    expect(await member.end()).toMatchObject({ code: 1012 });
  });

  it("without ceremony when it does not answer within the shutdown time-out", async () => {
    const { wsUrl, commonroom } = await startServer({ limits: { shutdownTimeoutMs: 200 } });
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    client.webSocket.pause();
    await within("the server to stop", commonroom.close(), 1500);
  });

  it.each([
    ["topic", "2.0.0", `["1","1",${DEEP},"hi",{}]`],
    ["event", "2.0.0", `["1","1","lobby",${DEEP},{}]`],
    ["topic", "1.0.0", `{"topic":${DEEP},"event":"hi","payload":{},"ref":"1"}`],
  ])("with 1011 for a list in the place of the %s, however deep (vsn %s)", async (...it) => {
    const [, vsn, frame] = it;
    const server = await startServer();
    const client = await connectRaw(`${server.wsUrl}/websocket?vsn=${vsn}`);
    client.send(frame);
    expect(await client.end()).toEqual({ code: 1011, reason: "frame not understood" });
    expect(server.logLines.join("")).not.toContain("crashed");
  });

  it("with 1013 when it reads too slowly, and nobody else notices", async () => {
    const server = await startServer({ rooms: [{ match: "*", presence: false }] });
    const slow = await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0`);
    const quick = await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0`);
    for (const client of [slow, quick]) {
      client.send(["1", "1", "lobby", "phx_join", {}]);
      await client.next();
    }
    slow.webSocket.pause();
    const payload = { text: "x".repeat(100_000) };
    const { counters } = server.commonroom.status();
    let sent = 0;
    await until("the slow reader to be closed", () => {
      server.commonroom.io.to("lobby").emit("big", payload);
      sent += 1;
      return counters.slowReadersClosed === 1 || undefined;
    });
    await until("the quick reader to have all", () => quick.received.length === sent + 1);
    slow.webSocket.resume();
    expect(await slow.end()).toMatchObject({ code: 1013 });
    expect(server.logLines.join("")).toContain("reads too slowly");
  });

  it("with 1013 for more in one turn than its line and the limit hold together", async () => {
    const server = await startServer({ rooms: [{ match: "*", presence: false }] });
    const slow = await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0`);
    slow.send(["1", "1", "lobby", "phx_join", {}]);
    await slow.next();
    slow.webSocket.pause();
    for (let n = 0; n < 100; n += 1) {
      server.commonroom.io.to("lobby").emit("big", { text: "x".repeat(300_000) });
    }
    const { counters } = server.commonroom.status();
    await until("the slow reader to be closed", () => counters.slowReadersClosed === 1);
  });

  it("not for a burst of one turn that is larger than the limit, if it reads", async () => {
    const server = await startServer({ rooms: [{ match: "*", presence: false }] });
    const client = await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0`);
    client.send(["1", "1", "lobby", "phx_join", {}]);
    await client.next();
    for (let n = 0; n < 5; n += 1) {
      server.commonroom.io.to("lobby").emit("big", { text: "x".repeat(300_000) });
    }
    await until("all five messages", () => client.received.length === 6);
  });
});
