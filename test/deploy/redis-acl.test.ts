import { readFileSync } from "node:fs";
import { createClient, type RedisClientType } from "redis";
import { describe, expect, it } from "vitest";
import { ColoniesClient } from "../../examples/colonies-stream/colonies-client/index.ts";
import { BusListener } from "../support/bus-listener.ts";
import { identityOf } from "../support/colonies-signing.ts";
import { joinPlain } from "../support/plain-client.ts";
import { publish } from "../support/publish.ts";
import { connectBackend } from "../support/redis-server.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { type SpeakerName, speak, speakerNames } from "../support/speaker.ts";
import { openTower } from "../support/tower-client.ts";
import { until } from "../support/until.ts";
import { type ProtectedRedis, startProtectedRedis } from "./protected-redis.ts";

const rooms = [
  { match: "log:*", presence: false, log: {} },
  { match: "lobby", presence: false },
];
const COLONY = "my-colony";
const [owner, executor] = [identityOf(1), identityOf(2)];
const colonies = {
  colonies: [{ name: COLONY, id: owner.id }],
  executors: [{ colony: COLONY, name: "worker", type: "worker", id: executor.id }],
};

/** Two nodes that know the gateway's password alone. */
async function startNodes({ gateway }: ProtectedRedis): Promise<[TestServer, TestServer]> {
  const start = (node: string) =>
    startServer(
      { redisUrl: gateway, node, rooms, colonies },
      { connect: ({ params }) => ({ ok: true, id: String(params["user"] ?? "nobody") }) },
    );
  return [await start("a"), await start("b")];
}

/** What users have tried that they may not. */
async function refusals({ admin }: ProtectedRedis, user: string): Promise<readonly string[]> {
  const client = await connectBackend(admin);
  const entries = (await client.aclLog()) as readonly { username: string; object: string }[];
  return entries.filter(({ username }) => username === user).map(({ object }) => object);
}

/** What nodes have counted that went wrong. */
function losses(nodes: readonly TestServer[]): readonly number[] {
  return nodes.flatMap(({ commonroom }) => Object.values(commonroom.status().counters));
}

async function presentAt({ url }: TestServer, room: string): Promise<string[]> {
  const presences: unknown = await (await fetch(`${url}/rooms/${room}/presence`)).json();
  return Object.keys(presences as object);
}

function clientOf(port: number, key: string): ColoniesClient {
  const client = new ColoniesClient({ host: "127.0.0.1", port });
  client.setPrivateKey(key);
  return client;
}

describe("the ACL of docs/deploy lets nodes", () => {
  it("carry messages between members of every dialect, and Tower's groups", async () => {
    const redis = await startProtectedRedis();
    const nodes = await startNodes(redis);
    const tower = await openTower(`${nodes[1].wsUrl}/websocket/`);
    await tower.groups({ jobs: ["a"] });
    await publish(nodes[0], { room: "jobs-a", payload: { n: 1.5 } });
    expect(await tower.next()).toBe('{"n":1.5}');
    const speakers = await Promise.all(
      speakerNames.map(async (name, index) => ({
        name,
        speaker: await speak(name, nodes[index % 2 === 0 ? 0 : 1]),
      })),
    );
    for (const { speaker } of speakers) {
      expect(await speaker.join("lobby", {})).toMatchObject({ status: "ok" });
    }
    for (const { name, speaker } of speakers) await speaker.push("lobby", "said", { by: name });
    const said = (by: SpeakerName) => ["lobby", "said", { by }];
    for (const { name, speaker } of speakers) {
      const others = speakerNames.filter((other) => other !== name);
      const heard: unknown[] = [];
      for (const _other of others) heard.push(await speaker.next());
      expect(heard).toEqual(expect.arrayContaining(others.map(said)));
    }
    expect(await refusals(redis, "gateway")).toEqual([]);
    expect(losses(nodes).every((count) => count === 0)).toBe(true);
  });

  it("keep logs, for the members of both", async () => {
    const redis = await startProtectedRedis();
    const [first, second] = await startNodes(redis);
    const member = await joinPlain(second, "log:a");
    const sent = await publish(first, { room: "log:a", payload: { n: 1 } });
    expect(sent).toMatchObject({ status: 200, body: { offset: 1 } });
    expect(await member.next()).toMatchObject({ n: 1, _offset: 1 });
    const late = await joinPlain(first, "log:a", { since: 0 });
    expect(await late.next()).toMatchObject({ n: 1, _offset: 1 });
    const log: unknown = await (await fetch(`${second.url}/rooms/log:a/log`)).json();
    expect(log).toMatchObject({ offset: 1, entries: [{ payload: { n: 1 } }] });
    expect(await refusals(redis, "gateway")).toEqual([]);
  });

  it("log what a backend sends, once", async () => {
    const redis = await startProtectedRedis();
    const nodes = await startNodes(redis);
    const members = await Promise.all(nodes.map((node) => joinPlain(node, "log:a")));
    const backend = await connectBackend(redis.backend);
    await backend.publish("to:log:a:message", JSON.stringify({ n: 1 }));
    for (const member of members) expect(await member.next()).toMatchObject({ _offset: 1 });
    expect(await refusals(redis, "gateway")).toEqual([]);
  });

  it("serve ColonyOS clients, each on another node", async () => {
    const redis = await startProtectedRedis();
    const [first, second] = await startNodes(redis);
    const worker = clientOf(first.port, executor.privateKey);
    const assigning = worker.assign(COLONY, 10, executor.privateKey);
    const submitter = clientOf(second.port, executor.privateKey);
    const { processid } = await submitter.submitFunctionSpec({
      funcname: "list",
      conditions: { colonyname: COLONY, executortype: "worker" },
      channels: ["output"],
    });
    expect((await assigning).processid).toBe(processid);
    await worker.channelAppend(processid, "output", 1, 0, "a line");
    expect(await submitter.channelRead(processid, "output", 0, 0)).toMatchObject([
      { payload: "a line" },
    ]);
    await worker.closeProcess(processid, ["done"]);
    expect(await submitter.getProcesses(COLONY, 10, 2)).toHaveLength(1);
    expect(await refusals(redis, "gateway")).toEqual([]);
  });

  it("know of each other's members, and end each other's connections", async () => {
    const redis = await startProtectedRedis();
    const nodes = await startNodes(redis);
    const [first, second] = nodes;
    await joinPlain(first, "hall");
    const member = await joinPlain({ wsUrl: second.wsUrl }, "hall");
    for (const node of nodes) {
      await until("both members", async () => (await presentAt(node, "hall")).length === 2);
    }
    first.commonroom.disconnect("nobody");
    expect(await member.end()).toMatchObject({ code: 1001 });
    for (const node of nodes) {
      await until("no member", async () => (await presentAt(node, "hall")).length === 0);
    }
    expect(await refusals(redis, "gateway")).toEqual([]);
    expect(losses(nodes).every((count) => count === 0)).toBe(true);
  });

  it("listen to patterns of single rooms, which Redis compares as text", async () => {
    const gateway = await connectBackend((await startProtectedRedis()).gateway);
    await gateway.pSubscribe("to:lobby:*", () => {});
  });

  it("use channels in shards", async () => {
    const gateway = await connectBackend((await startProtectedRedis()).gateway);
    for (const channel of ["socket.io#/#", "socket.io#/#lobby#", "commonroom:log:lobby"]) {
      await gateway.sPublish(channel, "x");
      await gateway.sSubscribe(channel, () => {});
    }
    await gateway.sendCommand(["PUBSUB", "SHARDNUMSUB", "socket.io#/#"]);
  });

  it("do nothing else", async () => {
    const gateway = await connectBackend((await startProtectedRedis()).gateway);
    for (const command of [
      ["GET", "session:1"],
      ["SET", "session:1", "x"],
      ["KEYS", "*"],
      ["SCAN", "0"],
      ["FLUSHALL"],
      ["CONFIG", "GET", "*"],
      ["ACL", "LIST"],
      ["CLIENT", "KILL", "TYPE", "normal"],
      ["PUBLISH", "elsewhere", "x"],
      ["SPUBLISH", "elsewhere", "x"],
      ["SUBSCRIBE", "elsewhere"],
      ["SSUBSCRIBE", "elsewhere"],
      ["EVAL", "return redis.call('PUBLISH', 'elsewhere', 'x')", "0"],
    ]) {
      await expectRefusal(gateway, command);
    }
  });
});

describe("the ACL of docs/deploy lets a backend", () => {
  it("send to rooms, and hear what members send and who they are", async () => {
    const redis = await startProtectedRedis();
    const [first, second] = await startNodes(redis);
    const heard = await new BusListener().listen(await connectBackend(redis.backend), "from:*");
    const backend = await connectBackend(redis.backend);
    const members = [await joinPlain(first, "lobby"), await joinPlain(second, "lobby")];
    await backend.publish("to:lobby:message", JSON.stringify({ n: 1 }));
    for (const member of members) expect(await member.next()).toEqual({ n: 1, _room: "lobby" });
    members[0]?.send({ _room: "lobby", text: "hi" });
    expect(await heard.json("from:lobby:message")).toEqual({ text: "hi" });
    expect(heard.channels).toContain("from:lobby:phx_join");
    expect(await refusals(redis, "backend")).toEqual([]);
  });

  it.each([
    ["write keys", ["SET", "commonroom:log:logger", "me"]],
    ["read keys", ["GET", "commonroom:log:logger"]],
    ["write a log", ["XADD", "commonroom:{log:log:a}:stream", "*", "h", "{}"]],
    ["read a log", ["XRANGE", "commonroom:{log:log:a}:stream", "-", "+"]],
    ["write records", ["HSET", "commonroom:{records}:record:x", "text", "{}"]],
    ["delete anything", ["DEL", "commonroom:log:logger"]],
    ["list keys", ["KEYS", "*"]],
    ["empty Redis", ["FLUSHALL"]],
    ["run scripts", ["EVAL", "return 1", "0"]],
    ["speak as a member", ["PUBLISH", "from:lobby:message", "{}"]],
    ["speak as a node, of messages", ["PUBLISH", "socket.io#/#lobby#", "x"]],
    ["speak as a node, of messages in shards", ["SPUBLISH", "socket.io#/#lobby#", "x"]],
    ["ask nodes", ["PUBLISH", "socket.io-request#/#", "{}"]],
    ["answer nodes", ["PUBLISH", "socket.io-response#/#", "{}"]],
    ["speak as a node, of presence", ["PUBLISH", "commonroom:presence", "{}"]],
    ["speak as a node, of logs", ["PUBLISH", "commonroom:log", "{}"]],
    ["speak as a node, of records", ["PUBLISH", "commonroom:records", "{}"]],
    ["ask who is in a room", ["PUBLISH", "presence:lobby", "reply:1"]],
    ["hear what other backends send", ["SUBSCRIBE", "to:lobby:message"]],
    ["hear all that other backends send", ["PSUBSCRIBE", "to:*"]],
    ["hear the nodes", ["PSUBSCRIBE", "socket.io#/#*"]],
    ["hear the nodes in shards", ["SSUBSCRIBE", "socket.io#/#lobby#"]],
    ["hear of presence", ["SUBSCRIBE", "commonroom:presence"]],
    ["hear everything", ["PSUBSCRIBE", "*"]],
    ["hear a pattern that the ACL does not spell out", ["PSUBSCRIBE", "from:lobby:*"]],
    ["list channels", ["PUBSUB", "CHANNELS"]],
    ["end connections to Redis", ["CLIENT", "KILL", "TYPE", "normal"]],
    ["watch Redis", ["MONITOR"]],
    ["change the ACL", ["ACL", "SETUSER", "backend", "+@all"]],
    ["change the configuration", ["CONFIG", "SET", "maxmemory", "1"]],
  ])("not %s", async (_what, command) => {
    await expectRefusal(await connectBackend((await startProtectedRedis()).backend), command);
  });
});

describe("a backend of some rooms, as docs/deploy.md has it,", () => {
  const [example = ""] = readFileSync("docs/deploy.md", "utf8").match(/^user chat .*$/m) ?? [];

  it("reaches and hears these alone, and may ask who is in them", async () => {
    const redis = await startProtectedRedis((acl) => `${acl}\n${example}`);
    const url = redis.nobody.replace("//", "//chat:change-this-password@");
    const nodes = await startNodes(redis);
    const listening = await connectBackend(url);
    const heard = await new BusListener().listen(listening, "from:chat:*");
    await heard.listen(listening, "reply:*");
    const member = await joinPlain(nodes[0], "chat:1");
    const backend = await connectBackend(url);
    await backend.publish("to:chat:1:message", "{}");
    expect(await member.next()).toEqual({ _room: "chat:1" });
    for (const node of nodes) {
      await until("its presence", async () => (await presentAt(node, "chat:1")).length === 1);
    }
    await backend.publish("presence:chat:1", "reply:mine");
    expect(Object.keys((await heard.json("reply:mine")) as object)).toHaveLength(1);
    expect(heard.channels).toContain("from:chat:1:phx_join");
    for (const command of [
      ["PUBLISH", "to:lobby:message", "{}"],
      ["PUBLISH", "presence:lobby", "reply:mine"],
      ["PUBLISH", "from:chat:1:message", "{}"],
      ["SUBSCRIBE", "from:lobby:message"],
      ["PSUBSCRIBE", "from:*"],
    ]) {
      await expectRefusal(backend, command);
    }
  });
});

describe("a Redis with the ACL of docs/deploy", () => {
  it("does nothing for clients without a name", async () => {
    const { nobody } = await startProtectedRedis();
    const client = createClient({ url: nobody, socket: { reconnectStrategy: false } });
    client.on("error", () => {});
    await expect(client.connect()).rejects.toThrow("NOAUTH");
  });
});

async function expectRefusal(client: RedisClientType, command: readonly string[]): Promise<void> {
  await expect(client.sendCommand([...command]), command.join(" ")).rejects.toThrow(
    /^NOPERM|^ERR The user executing the script can't publish|^ERR ACL failure in script/,
  );
}
