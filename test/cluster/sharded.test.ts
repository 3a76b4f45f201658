import { Emitter } from "@socket.io/redis-emitter";
import { describe, expect, it } from "vitest";
import type { CommonroomOptions } from "../../server/index.ts";
import { BusListener } from "../support/bus-listener.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";

/** How nodes may reach each other, and on what kind of Redis. */
const ways: readonly {
  readonly way: string;
  readonly options: CommonroomOptions;
  readonly flags: readonly string[];
  readonly hasShards: boolean;
}[] = [
  { way: "sharded pub/sub", options: {}, flags: [], hasShards: true },
  { way: "sharded by choice", options: { redisAdapter: "sharded" }, flags: [], hasShards: true },
  {
    way: "a Redis without shards",
    options: {},
    flags: ["--rename-command", "SPUBLISH", "", "--rename-command", "SSUBSCRIBE", ""],
    hasShards: false,
  },
  { way: "the classic adapter", options: { redisAdapter: "classic" }, flags: [], hasShards: false },
];

async function setUp({ options, flags }: (typeof ways)[number]) {
  const redis = await startRedis(flags);
  const all = { rooms: [{ match: "*", presence: false }], ...options, redisUrl: redis.url };
  const servers = [await startServer(all), await startServer(all)] as const;
  const [here, there] = servers.map(({ commonroom }) => commonroom.io);
  if (here === undefined || there === undefined) throw new Error("no servers");
  const heard: unknown[][][] = [[], []];
  const clients = await Promise.all(
    servers.map(async ({ url }, index) => {
      const client = await connectSocketIo(url, {
        auth: { token: "" },
        extraHeaders: { cookie: "session=secret" },
        query: { secret: "secret" },
      });
      await ask(client, "join", "lobby", {});
      client.onAny((...event: unknown[]) => heard[index]?.push(event));
      return client;
    }),
  );
  const [near, far] = clients;
  if (near === undefined || far === undefined) throw new Error("no clients");
  const backend = await connectBackend(redis.url);
  return { servers, here, there, near, far, heard, backend };
}

describe.each(ways)("two nodes over $way", (way) => {
  it("use what they are meant to use", async () => {
    const { backend } = await setUp(way);
    const shards = await backend.sendCommand<string[]>(["PUBSUB", "SHARDCHANNELS"]);
    expect(shards.includes("socket.io#/#lobby#")).toBe(way.hasShards);
  });

  it("reach each other's members with every kind of payload, once and in order", async () => {
    const { here, near, heard } = await setUp(way);
    const bytes = Buffer.from([0, 255]);
    here.to("lobby").emit("one", { n: 1 });
    here.to("lobby").emit("two", bytes);
    here.to("lobby").to("elsewhere").emit("three", "text");
    here.emit("four");
    near.emit("push", "lobby", "five", { n: 5 });
    await until("all", () => heard[1]?.length === 5);
    expect(heard[1]).toEqual([
      ["one", { n: 1 }, { room: "lobby" }],
      ["two", bytes, { room: "lobby" }],
      ["three", "text"],
      ["four"],
      ["five", { n: 5 }, { room: "lobby" }],
    ]);
    expect(heard[0]).toEqual(heard[1]?.slice(0, 4));
  });

  it("reach members of several rooms at once, each once, in the order of what was sent", async () => {
    const { here, servers } = await setUp(way);
    const wishes = [["a"], ["b"], ["a", "b"], ["c"], ["a", "c"], ["d"]];
    const members = await Promise.all(
      wishes.map(async (rooms) => {
        const client = await connectSocketIo(servers[1].url);
        for (const room of rooms) await ask(client, "join", room, {});
        const heard: unknown[] = [];
        client.on("n", (n: unknown) => heard.push(n));
        return { client, rooms, heard };
      }),
    );
    for (let n = 0; n < 100; n += 4) {
      here.to("a").emit("n", n);
      here
        .to(["a", "b"])
        .except("c")
        .emit("n", n + 1);
      here.to("b").emit("n", n + 2);
      here.to(["a", "b", "c", "nobody's"]).emit("n", n + 3);
    }
    here.emit("n", "last");
    await until("the last", () => members.every(({ heard }) => heard.at(-1) === "last"));
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    for (const { rooms, heard } of members) {
      const isIn = (...names: string[]) => names.some((name) => rooms.includes(name));
      const kinds = [isIn("a"), isIn("a", "b") && !isIn("c"), isIn("b"), isIn("a", "b", "c")];
      expect(heard).toEqual([...numbers.filter((n) => kinds[n % 4]), "last"]);
    }
  });

  it("reach one socket alone, and leave one out", async () => {
    const { here, near, far, heard } = await setUp(way);
    here.to(String(far.id)).emit("alone");
    here.to("lobby").except(String(far.id)).emit("without");
    here.to("lobby").emit("last");
    await until("the last", () => heard.every((events) => events.at(-1)?.[0] === "last"));
    expect(near.connected).toBe(true);
    expect(heard.map((events) => events.map(([name]) => name))).toEqual([
      ["without", "last"],
      ["alone", "last"],
    ]);
  });

  it("reach those whom server code has put into a room whose name could be a socket's id", async () => {
    const { here, there, far, heard } = await setUp(way);
    const room = "abcdefghijklmnopqrst";
    here.in("lobby").socketsJoin(room);
    await until("the join", () => there.of("/").adapter.rooms.get(room)?.has(String(far.id)));
    here.to(room).emit("said", { n: 1 });
    await until("both", () => heard.every((events) => events.length === 1));
    for (const events of heard) expect(events).toEqual([["said", { n: 1 }, { room }]]);
  });

  it("ask each other's members and servers, and tell of no socket what may be a token", async () => {
    const { here, there, far, backend } = await setUp(way);
    const listener = await new BusListener().listen(backend, "*");
    const spy = await connectBackend(backend.options?.url ?? "");
    const said: string[] = [];
    await spy.pSubscribe("*", (message) => said.push(message));
    const sockets = await here.in("lobby").fetchSockets();
    expect(sockets.map(({ id }) => id)).toContain(far.id);
    const remote = sockets.find(({ id }) => id === far.id);
    expect(remote?.handshake).toMatchObject({ headers: {}, auth: {}, query: {} });
    there.on("question", (_n: number, answer: (value: string) => void) => answer("fine"));
    const answers = await here.serverSideEmitWithAck("question", 1);
    expect(answers).toEqual(["fine"]);
    far.on("ask", (answer: (value: string) => void) => answer("here"));
    const replies = await here.timeout(5000).to(String(far.id)).emitWithAck("ask");
    expect(replies).toEqual(["here"]);
    expect(`${said.join()}${JSON.stringify(listener.heard)}`).not.toContain("secret");
  });

  it("move and end each other's sockets", async () => {
    const { here, there, far } = await setUp(way);
    here.in("lobby").socketsJoin("second");
    await until("the join", () => there.of("/").adapter.rooms.get("second")?.has(String(far.id)));
    here.in("second").socketsLeave("second");
    await until("the leave", () => !there.of("/").adapter.rooms.has("second"));
    here.in("lobby").disconnectSockets(true);
    await until("the end", () => !far.connected);
  });

  it("hear a Redis emitter of another process", async () => {
    const { there, far, heard, backend } = await setUp(way);
    const emitter = new Emitter(backend);
    emitter.to("lobby").emit("one", { n: 1 });
    emitter.emit("two", Buffer.from([1]));
    await until("both", () => heard.every((events) => events.length === 2));
    expect(heard[1]).toEqual([
      ["one", { n: 1 }],
      ["two", Buffer.from([1])],
    ]);
    emitter.in("lobby").socketsJoin("second");
    await until("the join", () => there.of("/").adapter.rooms.get("second")?.has(String(far.id)));
    const events: unknown[] = [];
    there.on("event", (n: number) => void events.push(n));
    emitter.serverSideEmit("event", 7);
    await until("the event", () => events.length === 1);
    emitter.in("second").disconnectSockets(true);
    await until("the end", () => !far.connected);
  });

  it("serve further namespaces alike", async () => {
    const { servers, here, there } = await setUp(way);
    for (const io of [here, there]) {
      io.of("/other").on("connection", (socket) => void socket.join("lobby"));
    }
    const client = await connectSocketIo(`${servers[1].url}/other`);
    const heard: unknown[] = [];
    client.onAny((...event: unknown[]) => heard.push(event));
    await until("it", () => {
      here.of("/other").to("lobby").emit("hi", 1);
      return heard.length > 0;
    });
    expect(heard[0]).toEqual(["hi", 1, { room: "lobby" }]);
  });
});
