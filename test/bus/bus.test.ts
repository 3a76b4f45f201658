import { describe, expect, it } from "vitest";
import type { CommonroomOptions } from "../../server/index.ts";
import { BusListener } from "../support/bus-listener.ts";
import { connectRaw } from "../support/raw-client.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { secret, tokenFor } from "../support/tokens.ts";
import { until } from "../support/until.ts";

const rooms: CommonroomOptions["rooms"] = [
  { match: "system", presence: false, deliver: "backends" },
  { match: "members:*", presence: false, deliver: "members" },
  { match: "*", presence: false },
];

async function setUp(options: CommonroomOptions = {}) {
  const redis = await startRedis();
  const server = await startServer({ redisUrl: redis.url, rooms, ...options });
  const backend = await connectBackend(redis.url);
  const listener = await new BusListener().listen(await connectBackend(redis.url), "*:*:*");
  return { redis, server, backend, listener };
}

async function phoenixMember(wsUrl: string, room: string, params: object = {}) {
  const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
  client.send(["1", "1", room, "phx_join", params]);
  await client.next();
  return client;
}

describe("a backend's message on to:<room>:<event>", () => {
  it("reaches the members of exactly that room, whatever they speak", async () => {
    const { server, backend } = await setUp();
    const wind = await phoenixMember(server.wsUrl, "weather:wind");
    const weather = await phoenixMember(server.wsUrl, "weather");
    const glob = await phoenixMember(server.wsUrl, "weather:*");
    const native = await connectSocketIo(server.url);
    await ask(native, "join", "weather:wind", {});
    const heard: unknown[][] = [];
    native.onAny((...event: unknown[]) => heard.push(event));
    await backend.publish("to:weather:wind:update", '{"temperature":25.5}');
    await backend.publish("to:weather:end", '["last"]');
    await backend.publish("to:weather:*:end", "{}");
    expect(await wind.next()).toEqual([
      null,
      null,
      "weather:wind",
      "update",
      { temperature: 25.5 },
    ]);
    expect(await weather.next()).toEqual([null, null, "weather", "end", ["last"]]);
    expect(await glob.next()).toEqual([null, null, "weather:*", "end", {}]);
    await until("the native member's message", () => heard.length === 1);
    expect(heard).toEqual([["update", { temperature: 25.5 }, { room: "weather:wind" }]]);
  });

  it.each([["Hello from a plugin"], ["42"], ['"x"'], ["null"], [' {"a":1}'], ["{bad"]])(
    "that is not a JSON object or list (%s) arrives as bytes",
    async (text) => {
      const { server, backend } = await setUp();
      const client = await phoenixMember(server.wsUrl, "feed");
      const native = await connectSocketIo(server.url);
      await ask(native, "join", "feed", {});
      const heard: unknown[] = [];
      native.on("update", (payload: unknown) => heard.push(payload));
      await backend.publish("to:feed:update", text);
      expect(await client.next()).toEqual(
        Buffer.concat([Buffer.from([2, 4, 6]), Buffer.from(`feedupdate${text}`)]),
      );
      await until("the native member's bytes", () => heard.length === 1);
      expect(heard[0]).toEqual(Buffer.from(text));
    },
  );

  it.each([
    ["no event", "to:feed", "{}"],
    ["an empty event", "to:feed:", "{}"],
    ["an empty room", "to::update", "{}"],
    ["a room that is too long", `to:${"r".repeat(256)}:update`, "{}"],
    ["an event that Socket.IO keeps for itself", "to:feed:connect_error", "{}"],
    ["an event of the protocol", "to:feed:phx_close", "{}"],
    ["an empty payload", "to:feed:update", ""],
    ["a payload nested too deeply", "to:feed:update", "[".repeat(9000) + "]".repeat(9000)],
    ["the connection's own topic", "to:phoenix:update", "{}"],
  ])("with %s is counted and dropped, and the next one arrives", async (_what, channel, text) => {
    // A node that listens to the rooms of its members hears few of these.
    const { server, backend } = await setUp({ redisSubscribe: "all" });
    const client = await phoenixMember(server.wsUrl, "feed");
    await backend.publish(channel, text);
    await backend.publish("to:feed:update", '{"good":true}');
    expect(await client.next()).toEqual([null, null, "feed", "update", { good: true }]);
    expect(server.commonroom.status().counters.busMessagesRefused).toBe(1);
  });
});

describe("a push of a client", () => {
  it("is published on from:<room>:<event> with its whole payload", async () => {
    const { server, listener } = await setUp();
    const client = await phoenixMember(server.wsUrl, "weather:wind");
    const payload = { token: "t", message: "m", b: 1, a: [2] };
    client.send(["1", "2", "weather:wind", "upd", payload]);
    expect(await listener.json("from:weather:wind:upd")).toEqual(payload);
  });

  it("goes to the backends only, in a room such as system", async () => {
    const { server, listener } = await setUp();
    const ann = await phoenixMember(server.wsUrl, "system");
    const ben = await phoenixMember(server.wsUrl, "system");
    ann.send(["1", "2", "system", "bound-box", { id: 1 }]);
    expect(await listener.json("from:system:bound-box")).toEqual({ id: 1 });
    ben.send([null, "9", "phoenix", "heartbeat", {}]);
    expect(await ben.next()).toMatchObject([null, "9", "phoenix", "phx_reply", {}]);
  });

  it("goes to the members only, where the room's settings say so", async () => {
    const { server, listener } = await setUp();
    const ann = await phoenixMember(server.wsUrl, "members:a");
    const ben = await phoenixMember(server.wsUrl, "members:a");
    ann.send(["1", "2", "members:a", "hello", {}]);
    expect(await ben.next()).toEqual([null, null, "members:a", "hello", {}]);
    ann.send(["1", "3", "members:a", "bye", {}]);
    await ann.next();
    const third = await phoenixMember(server.wsUrl, "end");
    third.send(["1", "2", "end", "last", {}]);
    await listener.json("from:end:last");
    expect(listener.channels.filter((name) => name.startsWith("from:members:a:"))).toEqual([
      "from:members:a:phx_join",
      "from:members:a:phx_join",
    ]);
  });

  it("with bytes is published as those bytes", async () => {
    const { redis, server } = await setUp();
    const native = await connectSocketIo(server.url);
    await ask(native, "join", "feed", {});
    const subscriber = await connectBackend(redis.url);
    const heard: Buffer[] = [];
    await subscriber.pSubscribe("from:feed:blob", (bytes) => heard.push(bytes), true);
    await ask(native, "push", "feed", "blob", Buffer.from([1, 2, 255]));
    await until("the bytes", () => heard.length === 1);
    expect(heard[0]).toEqual(Buffer.from([1, 2, 255]));
  });
});

describe("backends hear of members", () => {
  it("that join, leave and disconnect, with id and connection and never a token", async () => {
    const { server, listener } = await setUp({ auth: { jwtSecret: secret } });
    const token = tokenFor("lobby", "ann");
    const client = await phoenixMember(server.wsUrl, "lobby", { token });
    expect(await listener.json("from:lobby:phx_join")).toEqual({
      id: "ann",
      connection: expect.stringMatching(/^[A-Za-z0-9]{8}$/),
    });
    client.send(["1", "2", "lobby", "phx_leave", {}]);
    expect(await listener.json("from:lobby:phx_leave")).toEqual(
      await listener.json("from:lobby:phx_join"),
    );
    const native = await connectSocketIo(server.url, { auth: { token: tokenFor("hall", "ben") } });
    await ask(native, "join", "hall", {});
    native.disconnect();
    expect(await listener.json("from:hall:phx_leave")).toMatchObject({ id: "ben" });
    const all = listener.heard.map(({ payload }) => payload).join("\n");
    expect(all).not.toContain(token);
    expect(all).not.toContain("eyJ");
  });
});

describe("a server that stops", () => {
  it("tells the backends that its members have left", async () => {
    const { server, listener } = await setUp();
    await phoenixMember(server.wsUrl, "lobby");
    await server.commonroom.close();
    expect(await listener.json("from:lobby:phx_leave")).toEqual(
      await listener.json("from:lobby:phx_join"),
    );
  });
});

describe("the admin room", () => {
  it("is told of rooms and members with Tangram's events", async () => {
    const { server, listener } = await setUp();
    const admin = await phoenixMember(server.wsUrl, "admin");
    const client = await phoenixMember(server.wsUrl, "room");
    const { agent } = (await listener.json("to:admin:channel.join")) as { agent: string };
    expect(agent).toMatch(/^[A-Za-z0-9]{8}:admin:1$/);
    const events = async (event: string, channel: string) =>
      (await until(`${event} of ${channel}`, () =>
        admin.received.find(
          (frame) => Array.isArray(frame) && frame[3] === event && frame[4].channel === channel,
        ),
      )) as [null, null, string, string, Record<string, unknown>];
    expect((await events("channel.add", "room"))[4]).toEqual({
      channel: "room",
      channels: ["phoenix", "system", "admin", "room"],
    });
    const [, , , , joined] = await events("channel.join", "room");
    expect(joined).toEqual({
      agent: expect.stringMatching(/^[A-Za-z0-9]{8}:room:1$/),
      agents: [joined["agent"]],
      channel: "room",
    });
    client.send(["1", "2", "room", "phx_leave", {}]);
    expect((await events("channel.leave", "room"))[4]).toEqual({
      agent: joined["agent"],
      agents: [],
      channel: "room",
    });
    expect((await events("channel.remove", "room"))[4]).toEqual({
      channel: "room",
      channels: ["phoenix", "system", "admin"],
    });
    expect((await events("channel.list", "system"))[4]).toEqual({ agents: [], channel: "system" });
  });
});
