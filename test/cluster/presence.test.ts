import { describe, expect, it } from "vitest";
import { accept, type CommonroomOptions, type PresenceState } from "../../server/index.ts";
import { BusListener } from "../support/bus-listener.ts";
import { connectPhoenix, joinPhoenix } from "../support/phoenix-client.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { secret, tokenFor } from "../support/tokens.ts";
import { until } from "../support/until.ts";
import { namesOf, PresenceMember } from "./presence-member.ts";

type Nodes = [TestServer, TestServer, TestServer];

async function setUp(count: number, options: CommonroomOptions = {}) {
  const redis = await startRedis();
  const start = () => startServer({ redisUrl: redis.url, ...options });
  const nodes: TestServer[] = [];
  for (let n = 0; n < count; n += 1) nodes.push(await start());
  const backend = await connectBackend(redis.url);
  return { redis, start, nodes: nodes as Nodes, backend };
}

const refusedBy = ({ commonroom }: TestServer): number =>
  commonroom.status().counters.presenceMessagesRefused;

async function read({ url }: TestServer, path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/rooms/${path}`, { headers });
  return { status: response.status, body: (await response.json()) as PresenceState };
}

describe("presence on several nodes", () => {
  it("is complete in the first presence_state, in every dialect", async () => {
    const { nodes, start } = await setUp(2);
    for (const [index, node] of nodes.entries()) await PresenceMember.join(node, `member${index}`);
    const late = await start();
    const native = await connectSocketIo(late.url);
    const states: PresenceState[] = [];
    native.on("presence_state", (state: PresenceState) => states.push(state));
    await ask(native, "join", "lobby", { meta: { name: "native" } });
    await until("the state", () => states.length === 1);
    expect(namesOf(states[0] ?? {})).toEqual(["member0", "member1", "native"]);
  });

  it("is listed also by a node without members in the room", async () => {
    const { nodes } = await setUp(2);
    await PresenceMember.join(nodes[0], "ann");
    const list = async () => namesOf(await nodes[1].commonroom.presences("lobby"));
    await until("ann", async () => (await list()).join() === "ann");
    expect(await nodes[1].commonroom.presences("nowhere")).toEqual({});
  });

  it("is decorated by the channel of each node, also where the room has no members", async () => {
    const { nodes } = await setUp(2);
    for (const [index, { commonroom }] of nodes.entries()) {
      commonroom.channel("room:*", {
        join: () => accept({}),
        joined: (member) => void member.presence.track({ name: "ann" }, "ann"),
        presence: (_room, state) =>
          Object.fromEntries(
            Object.entries(state).map(([key, entry]) => [key, { ...entry, by: index }]),
          ),
      });
    }
    const { ann } = await stateAt(nodes[0], "room:a");
    expect(ann).toMatchObject({ by: 0, metas: [{ name: "ann" }] });
    const other = () => nodes[1].commonroom.presences("room:a");
    await until("ann", async () => "ann" in (await other()));
    expect(await other()).toMatchObject({ ann: { by: 1, metas: [{ name: "ann" }] } });
  });

  it("is whole again after a restart of Redis, for which Phoenix members join anew", async () => {
    const { redis, nodes } = await setUp(2);
    const members = [
      await PresenceMember.join(nodes[0], "ann"),
      await PresenceMember.join(nodes[1], "ben"),
    ];
    for (const member of members) await member.sees(["ann", "ben"]);
    await redis.stop();
    await until("the loss", () => nodes[0].commonroom.status().redis === "down");
    await redis.start();
    await until("Redis", () => nodes.every(({ commonroom }) => commonroom.status().redis === "up"));
    await PresenceMember.join(nodes[0], "cas");
    for (const member of members) await member.sees(["ann", "ben", "cas"], 10_000);
  });
});

/** What a member that joins is told. */
async function stateAt({ wsUrl }: TestServer, room: string): Promise<PresenceState> {
  const channel = connectPhoenix(`${wsUrl}/socket`).channel(room, {});
  const states: PresenceState[] = [];
  channel.on("presence_state", (state: PresenceState) => void states.push(state));
  await joinPhoenix(channel);
  return until("the state", () => states[0]);
}

describe("garbage on the channels of presence", () => {
  it("is counted, logged once, and changes nothing", async () => {
    const { nodes, backend } = await setUp(2);
    const members = [
      await PresenceMember.join(nodes[0], "ann"),
      await PresenceMember.join(nodes[1], "ben"),
    ];
    for (const member of members) await member.sees(["ann", "ben"]);
    for (const { heard } of members) heard.length = 0;
    const channels = await backend.pubSubChannels("commonroom:presence*");
    expect(channels).toHaveLength(3);
    const head = { v: 1, id: "forgedforged", name: "forged", startedAtMs: 1, number: 1 };
    const entry = ["lobby", "evil", { phx_ref: "x", name: "evil" }];
    const bad: (string | Buffer)[] = [
      "",
      "garbage",
      "{}",
      "[[[[",
      Buffer.from([0xc1, 0xff, 0x00]),
      "x".repeat(2_000_000),
      JSON.stringify({ ...head, type: "delta", joins: [["lobby", 1, {}]], leaves: [] }),
      JSON.stringify({ ...head, type: "state", nonce: "n0nce0001", part: 0, parts: 1 }),
    ];
    const forged = [
      { ...head, type: "beat" },
      { ...head, type: "delta", joins: [entry], leaves: [] },
      { ...head, type: "bye" },
    ].map((message) => JSON.stringify(message));
    for (const channel of channels) {
      for (const message of [...bad, ...forged]) await backend.publish(channel, message);
    }
    await until("all to be refused", () =>
      nodes.every((node) => refusedBy(node) >= bad.length * 2),
    );
    await PresenceMember.join(nodes[0], "cas");
    for (const member of members) await member.sees(["ann", "ben", "cas"]);
    for (const { heard } of members) expect(heard).toEqual(["+cas"]);
    for (const { logLines } of nodes) {
      expect(logLines.filter((line) => line.includes("not understood"))).toHaveLength(1);
    }
  });
});

describe("GET /rooms/<room>/presence", () => {
  it("answers on every node what presence_state says, to whoever may join the room", async () => {
    const { nodes } = await setUp(2, { auth: { jwtSecret: secret } });
    const channel = connectPhoenix(`${nodes[0].wsUrl}/socket`).channel("lobby", {
      token: tokenFor("lobby", "ann"),
      meta: { name: "ann" },
    });
    await joinPhoenix(channel);
    const token = tokenFor("lobby", "reader");
    for (const node of nodes) {
      const answer = () => read(node, "lobby/presence", { authorization: `Bearer ${token}` });
      const { status, body } = await until("ann", async () => {
        const given = await answer();
        return "ann" in given.body && given;
      });
      expect(status).toBe(200);
      expect(body).toEqual({ ann: { metas: [{ name: "ann", phx_ref: expect.any(String) }] } });
      expect(await read(node, `empty/presence?token=${tokenFor("empty")}`)).toEqual({
        status: 200,
        body: {},
      });
    }
  });

  it.each([
    ["without a token", "lobby/presence", 401, "token_missing"],
    ["with garbage as a token", "lobby/presence?token=x", 401, "token_invalid"],
    ["with another room's token", `lobby/presence?token=${tokenFor("b")}`, 403, "room_forbidden"],
    ["for a room that cannot be", "%00/presence", 422, "room_name_invalid"],
    ["for the connection itself", "phoenix/presence", 404, "room_unmatched"],
  ])("%s is refused", async (_how, path, status, code) => {
    const server = await startServer({ auth: { jwtSecret: secret } });
    expect(await read(server, path)).toMatchObject({ status, body: { code } });
  });

  it("is refused where the application's channel decides who joins", async () => {
    const server = await startServer();
    server.commonroom.channel("room:*", { join: () => accept({}) });
    expect(await read(server, "room:a/presence")).toMatchObject({
      status: 403,
      body: { code: "presence_private" },
    });
    expect(await read(server, "other/presence")).toMatchObject({ status: 404 });
  });

  it("answers other methods with 405", async () => {
    const { url } = await startServer();
    const response = await fetch(`${url}/rooms/lobby/presence`, { method: "POST" });
    expect(response.status).toBe(405);
  });
});

describe("PUBLISH presence:<room> <reply channel>", () => {
  it("is answered by one node, as GET /rooms/<room>/presence is", async () => {
    const { redis, nodes, backend } = await setUp(3, {
      rooms: [{ match: "room:*", aliases: ["alias:*"] }],
    });
    await PresenceMember.join(nodes[0], "ann", "room:a");
    await PresenceMember.join(nodes[1], "ben", "room:a");
    await until("both everywhere", async () => {
      const lists = await Promise.all(nodes.map((node) => node.commonroom.presences("room:a")));
      return lists.every((list) => namesOf(list).join() === "ann,ben");
    });
    const replies = await new BusListener().listen(await connectBackend(redis.url), "reply:*");
    await backend.publish("presence:room:a", "reply:1");
    await backend.publish("presence:alias:a", "reply:2");
    await backend.publish("presence:nowhere", "reply:3");
    for (const channel of ["reply:1", "reply:2"]) {
      expect(await replies.json(channel)).toEqual((await read(nodes[2], "room:a/presence")).body);
    }
    expect(await replies.json("reply:3")).toEqual({});
    await backend.publish("presence:room:a", "reply:last");
    await replies.json("reply:last");
    expect(replies.heard).toHaveLength(4);
  });

  it("is not answered elsewhere than on reply channels; what makes no sense is counted", async () => {
    const { redis, nodes, backend } = await setUp(1);
    const spy = await new BusListener().listen(await connectBackend(redis.url), "*");
    const bad = ["", "to:lobby:said", "commonroom:presence", "Reply:1", `reply:${"x".repeat(250)}`];
    for (const channel of bad) await backend.publish("presence:lobby", channel);
    await backend.publish("presence:", "reply:1");
    await backend.publish("presence:lobby", Buffer.from("reply:\u0000"));
    await until("all", () => refusedBy(nodes[0]) === bad.length + 2);
    await backend.publish("presence:lobby", "reply:good");
    expect(await spy.json("reply:good")).toEqual({});
    const answers = spy.channels.filter((channel) => !/^(presence:|commonroom:)/.test(channel));
    expect(answers).toEqual(["reply:good"]);
  });

  it("is answered a bearable number of times in a second", async () => {
    const { redis, backend } = await setUp(1);
    const replies = await new BusListener().listen(await connectBackend(redis.url), "reply:*");
    const queries = Array.from({ length: 1000 }, (_, n) =>
      backend.publish("presence:lobby", `reply:${n}`),
    );
    await Promise.all(queries);
    await until("a later one to be answered", async () => {
      await backend.publish("presence:lobby", `reply:later${Math.random()}`);
      return replies.channels.some((channel) => channel.startsWith("reply:later"));
    });
    const early = replies.channels.filter((channel) => !channel.startsWith("reply:later"));
    expect(early.length).toBeGreaterThan(0);
    expect(early.length).toBeLessThan(1000);
  });
});
