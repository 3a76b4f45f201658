import { Agent } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { startNginx } from "../support/nginx.ts";
import { joinPlain } from "../support/plain-client.ts";
import { publish } from "../support/publish.ts";
import { connectRaw } from "../support/raw-client.ts";
import { startRedis } from "../support/redis-server.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";
import { PollingMember } from "./polling-member.ts";

/** Each has an IP address of its own, by which nginx chooses its node. */
const addresses = Array.from({ length: 12 }, (_, index) => `127.0.0.${index + 2}`);
/** Shorter than by default, so that empty answers come soon. */
const limits = { longPollWindowMs: 2000 };
const connectionsOf = (nodes: readonly TestServer[]): number[] =>
  nodes.map(({ commonroom }) => commonroom.status().connections);

async function setUp() {
  const redis = await startRedis();
  const options = { redisUrl: redis.url, limits };
  const nodes = [
    await startServer({ ...options, node: "a" }),
    await startServer({ ...options, node: "b" }),
  ];
  const nginx = await startNginx({ nodePorts: nodes.map(({ port }) => port) });
  return { nodes, nginx };
}

/** What a Socket.IO member hears, over long-polling alone. */
async function joinByPolling(url: string, address: string): Promise<unknown[]> {
  const agent = new Agent({ localAddress: address, keepAlive: true });
  onTestFinished(() => agent.destroy());
  const transports = ["polling"];
  const options = { transports, agent: agent as never, reconnection: false };
  const socket = await connectSocketIo(url, options);
  const heard: unknown[] = [];
  socket.on("tick", (payload: unknown) => heard.push(payload));
  socket.on("disconnect", (reason) => heard.push(reason));
  await ask(socket, "join", "lobby", {});
  return heard;
}

async function joinByWebSocket(wsUrl: string): Promise<() => unknown[]> {
  const client = await connectRaw(`${wsUrl}/socket/websocket?vsn=2.0.0`);
  client.send(["1", "1", "lobby", "phx_join", {}]);
  await client.next();
  const frames = client.received as readonly (readonly unknown[])[];
  return () => frames.filter((frame) => frame[3] === "tick").map((frame) => frame[4]);
}

describe("two nodes behind one nginx", () => {
  it("have members of every kind, who get each message once and know of each other", async () => {
    const { nodes, nginx } = await setUp();
    const sockets = await Promise.all(
      Array.from({ length: 8 }, () => joinByWebSocket(nginx.wsUrl)),
    );
    await until("WebSockets on both nodes", () => connectionsOf(nodes).every((count) => count > 0));
    const polling = await Promise.all(
      addresses.map((address) => PollingMember.join(nginx.url, address)),
    );
    const natives = await Promise.all(
      addresses.map((address) => joinByPolling(nginx.url, address)),
    );
    const plain = await joinPlain(nginx, "lobby");
    const total = sockets.length + polling.length + natives.length + 1;
    const expected = Array.from({ length: 20 }, (_, n) => ({ n }));
    for (const payload of expected) await publish(nginx, { room: "lobby", event: "tick", payload });
    // After the last word of both nodes nothing of what was sent before can come.
    const last = [{ n: 20 }, { n: 21 }];
    for (const [index, node] of nodes.entries()) {
      await publish(node, { room: "lobby", event: "tick", payload: last[index] });
    }
    const lists = [...sockets, ...[...natives, ...polling.map(({ ticks }) => ticks)].map(listed)];
    for (const list of lists) {
      await until("the last words", () => last.every(({ n }) => list().some((got) => is(got, n))));
      expect(list().toSorted(byNumber)).toEqual([...expected, ...last]);
    }
    expect(plain.isOpen).toBe(true);
    for (const { url } of nodes) await seesMembers(url, total);
    expect(connectionsOf(nodes).reduce((sum, count) => sum + count)).toBe(total);
  });

  it("keep each long-polling client, by its IP address, and share them", async () => {
    const { nodes, nginx } = await setUp();
    const members = await Promise.all(
      addresses.map((address) => PollingMember.join(nginx.url, address)),
    );
    const [first = 0, second = 0] = connectionsOf(nodes);
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(0);
    expect(first + second).toBe(addresses.length);
    for (const member of members) {
      for (let n = 0; n < 5; n += 1) expect(await member.tick({ n })).toBe(200);
    }
    const expected = 5 * (addresses.length - 1);
    for (const { ticks } of members) await until("all", () => ticks.length === expected);
    for (const { statuses } of members) {
      await until("an empty answer", () => statuses.has(204));
      expect([...statuses].sort()).toEqual([200, 204]);
    }
    expect(connectionsOf(nodes)).toEqual([first, second]);
  });

  it("take the place of each other: when one ends, all clients can be served by the other", async () => {
    const { nodes, nginx } = await setUp();
    await nodes[0]?.commonroom.close();
    const polling = await Promise.all(
      addresses.map((address) => PollingMember.join(nginx.url, address)),
    );
    const socket = await joinByWebSocket(nginx.wsUrl);
    await publish(nginx, { room: "lobby", event: "tick", payload: { n: 0 } });
    for (const { ticks } of polling) await until("the message", () => ticks.length === 1);
    await until("the message", () => socket().length === 1);
    expect(nodes[1]?.commonroom.status().connections).toBe(addresses.length + 1);
  });
});

function listed(list: unknown[]): () => unknown[] {
  return () => list;
}

function is(payload: unknown, n: number): boolean {
  return (payload as { readonly n: number }).n === n;
}

function byNumber(one: unknown, other: unknown): number {
  return (one as { readonly n: number }).n - (other as { readonly n: number }).n;
}

async function seesMembers(url: string, count: number): Promise<void> {
  await until(`${count} presences at ${url}`, async () => {
    const presences: unknown = await (await fetch(`${url}/rooms/lobby/presence`)).json();
    return Object.keys(presences as object).length === count;
  });
}
