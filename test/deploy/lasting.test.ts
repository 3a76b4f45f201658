import { readFileSync } from "node:fs";
import { LongPoll, type Socket as PhoenixSocket } from "phoenix";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { Channel } from "../../client-shim/index.ts";
import { optionsSchema } from "../../server/options.ts";
import { connectPhoenix, joinPhoenix } from "../support/phoenix-client.ts";
import { joinPlain } from "../support/plain-client.ts";
import { publish } from "../support/publish.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { openTower } from "../support/tower-client.ts";
import { until } from "../support/until.ts";
import { inFront, startBehindNginx } from "./behind-nginx.ts";

/** All times of a minute are this many times shorter. */
const SHORTER = 25;
const READ_TIMEOUT_MS = 75_000 / SHORTER;
const PHOENIX_HEARTBEAT_MS = 30_000;
const SOCKET_IO_PING_MS = 25_000;
const { limits } = optionsSchema.parse({});
const shortLimits = {
  idleTimeoutMs: limits.idleTimeoutMs / SHORTER,
  // Less short: a session ends that is silent for half as long again, and this machine may be busy.
  longPollWindowMs: 2000,
};
const withoutPresence = { rooms: [{ match: "*", presence: false }] };

/** What each client has heard of the event `tick`, by the client's name. */
type Heard = ReadonlyMap<string, unknown[]>;

/** A client of each kind, in the room `lobby`; each comes back by itself. */
async function joinAll(front: TestServer): Promise<Heard> {
  const heard = new Map<string, unknown[]>();
  const listOf = (name: string): unknown[] => {
    const list: unknown[] = [];
    heard.set(name, list);
    return list;
  };
  await joinPhoenixTo(front, listOf("phoenix.js"), { transport: WebSocket });
  await joinPhoenixTo(front, listOf("phoenix.js, long-polling"), { transport: LongPoll });
  await joinSocketIoTo(front, listOf("Socket.IO"), "websocket");
  await joinSocketIoTo(front, listOf("Socket.IO, long-polling"), "polling");
  await joinChannelTo(front, listOf("room client"));
  return heard;
}

async function joinPhoenixTo(
  { wsUrl }: TestServer,
  heard: unknown[],
  options: { readonly transport: unknown },
): Promise<PhoenixSocket> {
  const socket = connectPhoenix(`${wsUrl}/socket`, {
    ...options,
    heartbeatIntervalMs: PHOENIX_HEARTBEAT_MS / SHORTER,
    reconnectAfterMs: () => 50,
    rejoinAfterMs: () => 50,
  } as object);
  const channel = socket.channel("lobby", {});
  channel.on("tick", (payload) => void heard.push(payload));
  await joinPhoenix(channel);
  return socket;
}

async function joinSocketIoTo(
  { url }: TestServer,
  heard: unknown[],
  transport: string,
): Promise<void> {
  const socket = await connectSocketIo(url, {
    transports: [transport],
    reconnectionDelay: 50,
    reconnectionDelayMax: 100,
  });
  socket.on("tick", (payload: unknown) => heard.push(payload));
  socket.io.on("reconnect", () => socket.emit("join", "lobby", {}));
  await ask(socket, "join", "lobby", {});
}

async function joinChannelTo({ wsUrl }: TestServer, heard: unknown[]): Promise<void> {
  const channel = new Channel(`${wsUrl}/ws`, {
    WebSocket,
    autoReconnect: true,
    reconnectDelay: 0.05,
    maxReconnectAttempts: 100,
  });
  onTestFinished(() => channel.close());
  channel.on_room_message("lobby", (message) => void heard.push(message));
  await channel.connect();
  await channel.join("lobby");
}

async function passes(ms: number): Promise<void> {
  const endMs = Date.now() + ms;
  await until("the time to pass", () => Date.now() >= endMs, ms + 1000);
}

describe("the read timeout of nginx.conf", () => {
  const text = readFileSync("docs/deploy/nginx.conf", "utf8");
  const [timeoutMs = 0] = [...text.matchAll(/proxy_read_timeout (\d+)s;/g)].map(
    ([, secs]) => Number(secs) * 1000,
  );

  it("is longer than every heartbeat, and than what waits at the node by default", () => {
    expect(timeoutMs).toBe(READ_TIMEOUT_MS * SHORTER);
    for (const ms of [PHOENIX_HEARTBEAT_MS, SOCKET_IO_PING_MS, limits.idleTimeoutMs]) {
      expect(timeoutMs).toBeGreaterThan(ms);
    }
    expect(timeoutMs).toBeGreaterThan(limits.longPollWindowMs);
  });
});

describe("a client behind nginx that says nothing", () => {
  it("stays connected for twice nginx's timeout, in every dialect", async () => {
    const short = `${READ_TIMEOUT_MS / 1000}s`;
    const { node, front } = await startBehindNginx(
      { ...withoutPresence, limits: shortLimits },
      {},
      { "75s": short },
    );
    node.commonroom.io.engine.opts.pingInterval = SOCKET_IO_PING_MS / SHORTER;
    const heard = await joinAll(front);
    const plain = await joinPlain(front, "lobby");
    const tower = await openTower(`${front.wsUrl}/websocket/`);
    const before = (await node.commonroom.io.fetchSockets()).map(({ id }) => id);
    await passes(READ_TIMEOUT_MS * 2);
    const after = (await node.commonroom.io.fetchSockets()).map(({ id }) => id);
    expect(before).toHaveLength(7);
    expect(after).toEqual(before);
    await publish(front, { room: "lobby", event: "tick", payload: { n: 1 } });
    for (const [name, list] of heard) await until(name, () => list.length === 1);
    expect(await plain.next()).toMatchObject({ n: 1 });
    expect(tower.webSocket.readyState).toBe(WebSocket.OPEN);
  }, 30_000);
});

describe("a node that is started again behind nginx", () => {
  it("gets its clients back, of every dialect", async () => {
    const options = { ...withoutPresence, limits: shortLimits };
    const { node, nginx, front } = await startBehindNginx(options);
    const heard = await joinAll(front);
    await publish(front, { room: "lobby", event: "tick", payload: { n: 1 } });
    for (const [name, list] of heard) await until(name, () => list.length === 1);
    await node.commonroom.close();
    expect((await fetch(`${nginx.url}/health`)).status).toBe(502);
    const again = inFront(await startServer({ ...options, port: node.port }), nginx);
    await until(
      "all to be members again",
      async () => (await again.commonroom.io.in("lobby").fetchSockets()).length === heard.size,
      15_000,
    );
    await publish(again, { room: "lobby", event: "tick", payload: { n: 2 } });
    for (const [name, list] of heard) await until(name, () => list.length === 2);
    for (const [name, list] of heard) {
      expect([name, list]).toMatchObject([name, [{ n: 1 }, { n: 2 }]]);
    }
  }, 40_000);
});
