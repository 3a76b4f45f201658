import { describe, expect, it } from "vitest";
import { accept, reject } from "../../server/index.ts";
import { connectPlain, heardBy } from "../support/plain-client.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";
import { heartbeat, join, setUp } from "./channel-scene.ts";

/** A value that refers to itself. */
function cycle(): object {
  const self: { self?: object } = {};
  self.self = self;
  return self;
}

describe("What a channel's presence adds", () => {
  it.each([
    ["a bigint, at once", () => ({ ann: { metas: [], n: 10n } })],
    ["a cycle, at once", () => ({ ann: { metas: [], ...cycle() } })],
    ["a bigint, later", async () => ({ ann: { metas: [], n: 10n } })],
  ])(
    "and has no JSON (%s) is left out of states and diffs, and reported",
    async (_what, presence) => {
      const { server, client } = await setUp((commonroom) => {
        commonroom.channel("room:*", {
          joined: (member) => void member.presence.track({ name: "ann" }),
          presence,
        });
      });
      await join(client, "room:a");
      const told = { metas: [{ name: "ann" }] };
      const [, , , state, presences] = (await client.next()) as unknown[];
      expect([state, Object.values(presences as object)]).toMatchObject(["presence_state", [told]]);
      const [, , , diff, changes] = (await client.next()) as unknown[];
      const { joins } = changes as { readonly joins: object };
      expect([diff, Object.values(joins)]).toMatchObject(["presence_diff", [told]]);
      expect(server.logLines.join()).toContain('"event":"presence"');
    },
  );
});

describe("A join whose channel answers with what has no JSON", () => {
  it.each([
    ["accepts", () => accept(1, { n: 10n })],
    ["accepts later", async () => accept(1, { n: 10n })],
    ["rejects", () => reject("no", { n: 10n })],
  ])("and %s is answered join_crashed, and makes no member", async (_what, decide) => {
    const departures: string[] = [];
    const { server, client } = await setUp((commonroom) => {
      commonroom.channel("room:*", {
        join: decide,
        leave: (_member, departure) => void departures.push(departure),
      });
    });
    expect(await join(client, "room:a")).toMatchObject([
      "1",
      "1",
      "room:a",
      "phx_reply",
      { status: "error", response: { code: "join_crashed" } },
    ]);
    expect([server.commonroom.status().rooms, departures]).toEqual([0, []]);
    expect(server.logLines.join()).toContain("BigInt");
  });
});

describe("A push of what no other dialect could carry", () => {
  it("is refused before an application's channel sees it", async () => {
    const seen: unknown[] = [];
    const { server, client } = await setUp((commonroom) => {
      commonroom.channel("room:*", {
        otherwise: (member, event, payload) => {
          seen.push(payload);
          member.broadcastFrom(event, payload);
        },
      });
    });
    await join(client, "room:a");
    const native = await connectSocketIo(server.url);
    await ask(native, "join", "room:a", {});
    const invalid = { status: "error", response: { code: "payload_invalid" } };
    const inside = { inside: Buffer.from([1]) };
    expect(await ask(native, "push", "room:a", "mixed", inside)).toMatchObject(invalid);
    client.send(`["1","2","room:a","deep",${"[".repeat(129)}${"]".repeat(129)}]`);
    expect(await client.next()).toMatchObject(["1", "2", "room:a", "phx_reply", invalid]);
    expect(seen).toEqual([]);
    client.send(heartbeat);
    expect(await client.next()).toMatchObject([null, "h", "phoenix", "phx_reply", {}]);
  });
});

describe("A member that a missed message costs the room", () => {
  it("gets none of the further ones, and its channel does not greet it", async () => {
    const greeted: string[] = [];
    const server = await startServer();
    server.commonroom.channel("room:*", {
      log: { size: 10 },
      joined: (member) => void greeted.push(member.connection),
      intercept: {
        bad: () => {
          throw new Error("boom");
        },
      },
    });
    for (const event of ["good", "bad", "good"]) {
      server.commonroom.io.to("room:a").emit(event, {});
    }
    const client = await connectSocketIo(server.url);
    const events: string[] = [];
    client.onAny((event: string) => events.push(event));
    expect(await ask(client, "join", "room:a", { since: 0 })).toMatchObject({ status: "ok" });
    await ask(client, "leave", "room:a");
    expect([events, greeted]).toEqual([["good", "phx_error"], []]);
  });
});

describe("An intercept that gives one member what has no JSON", () => {
  it("costs that member the room, and the others hear the event", async () => {
    const server = await startServer();
    server.commonroom.channel("room:*", {
      join: (_candidate, params) => accept(String(Object(params).name)),
      intercept: { said: ({ state }, payload) => (state === "ann" ? { n: 10n } : payload) },
    });
    const heard: Record<string, unknown[]> = { ann: [], ben: [], cas: [] };
    for (const [name, events] of Object.entries(heard)) {
      const client = await connectSocketIo(server.url);
      client.onAny((event: string, payload: unknown) => events.push([event, payload]));
      await ask(client, "join", "room:a", { name });
    }
    server.commonroom.io.to("room:a").emit("said", { n: 1 });
    await until("all to hear", () => Object.values(heard).every(({ length }) => length === 1));
    expect(heard["ann"]).toMatchObject([["phx_error", { code: "push_crashed" }]]);
    expect([heard["ben"], heard["cas"]]).toEqual(Array(2).fill([["said", { n: 1 }]]));
  });
});

describe("A message to one socket alone", () => {
  it("passes by no channel, also where one serves all rooms and intercepts the event", async () => {
    const server = await startServer();
    server.commonroom.channel("*", { intercept: { said: () => undefined } });
    const client = await connectSocketIo(server.url);
    const heard: unknown[][] = [];
    client.onAny((...event: unknown[]) => heard.push(event));
    await ask(client, "join", "a", {});
    server.commonroom.io.to("a").emit("said", { n: 1 });
    server.commonroom.io.to(String(client.id)).emit("said", { n: 2 });
    await ask(client, "leave", "a");
    expect(heard).toEqual([["said", { n: 2 }]]);
  });
});

describe("A visit", () => {
  it("that fails is answered push_crashed, and harms nobody else", async () => {
    const redis = await startRedis();
    const server = await startServer({
      redisUrl: redis.url,
      plain: { sendWithoutJoin: "allow" },
    });
    const backend = await connectBackend(redis.url);
    const id = "ab".repeat(32);
    const record = `commonroom:{records}:record:colonies:process:${id}`;
    await backend.hSet(record, { text: "{", version: "1" });
    const ann = await connectPlain(server);
    ann.send({ _room: `process:${id}:out`, text: "hi", _id: 1 });
    expect(await ann.next()).toMatchObject({ _re: 1, response: { code: "push_crashed" } });
    ann.send({ type: "_join", room: "a", _id: 2 });
    expect(await ann.next()).toMatchObject({ _re: 2, status: "ok" });
  });

  it("of one more room than a connection may be in is no join of it", async () => {
    const limits = { maxRoomsPerConnection: 1 };
    const server = await startServer({ limits, plain: { sendWithoutJoin: "allow" } });
    const ann = await connectPlain(server);
    ann.send({ type: "_join", room: "a", _id: 1 });
    ann.send({ _room: "b", text: "hi", _id: 2 });
    ann.send({ type: "_join", room: "b", _id: 3 });
    const answers = await heardBy(ann);
    expect(answers).toMatchObject([
      { _re: 1, status: "ok" },
      { _re: 2, status: "ok" },
      { _re: 3, response: { code: "rooms_exhausted" } },
    ]);
  });
});
