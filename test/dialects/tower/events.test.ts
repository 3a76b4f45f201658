import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { Channel } from "../../../client-shim/index.ts";
import { accept, reject } from "../../../server/index.ts";
import { connectPhoenix, joinPhoenix, pushPhoenix } from "../../support/phoenix-client.ts";
import { connectRaw } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { ask, connectSocketIo } from "../../support/socket-io-client.ts";
import { openTower, type TowerClient } from "../../support/tower-client.ts";
import { until } from "../../support/until.ts";

const ROOM = "job_events-42";

async function setUp() {
  const server = await startServer();
  const client = await openTower(`${server.wsUrl}/websocket/`);
  await client.groups({ job_events: [42] });
  return { ...server, client, io: server.commonroom.io };
}

/** Whether nothing but one last event has come. */
async function expectOnlyLast(client: TowerClient, io: { to(room: string): Emitter }) {
  io.to(ROOM).emit("message", { last: true });
  expect(await client.next()).toBe('{"last":true}');
  expect(client.frames).toEqual([]);
}
interface Emitter {
  emit(event: string, payload: unknown): unknown;
}

describe("an event in a group's room", () => {
  it.each([
    ["message", { a: 1 }, '{"a":1}'],
    ["whatever", [1, "x"], '[1,"x"]'],
    ["hi", "text", '"text"'],
    ["hi", null, "null"],
    ["hi", 5, "5"],
    ["hi", { t: "hé ☃" }, '{"t":"hé ☃"}'],
  ])("called %s with %j is one frame with its payload", async (event, payload, frame) => {
    const { client, io } = await setUp();
    io.to(ROOM).emit(event, payload);
    expect(await client.next()).toBe(frame);
    await expectOnlyLast(client, io);
  });

  it.each([
    ["presence_state", {}],
    ["presence_diff", { joins: {}, leaves: {} }],
    ["phx_undeliverable", {}],
    ["message", Buffer.from("bytes")],
  ])("called %s with %j is not sent", async (event, payload) => {
    const { client, io } = await setUp();
    io.to(ROOM).emit(event, payload);
    await expectOnlyLast(client, io);
  });

  it("is one frame for each group of the client that gets it", async () => {
    const { client, io } = await setUp();
    await client.groups({ job_events: [42, 43] });
    io.to(ROOM).emit("message", { n: 1 });
    io.to("job_events-43").emit("message", { n: 1 });
    expect([await client.next(), await client.next()]).toEqual(['{"n":1}', '{"n":1}']);
    await expectOnlyLast(client, io);
  });

  it("that others come or go is not told", async () => {
    const { client, io, wsUrl } = await setUp();
    const watcher = await connectRaw(`${wsUrl}/ws`);
    watcher.send({ type: "_join", room: ROOM, presence: true });
    const other = await openTower(`${wsUrl}/websocket/`);
    await other.groups({ job_events: [42] });
    const told = (): string => JSON.stringify(watcher.received);
    await until("word of all three", () => {
      return new Set(told().match(/"phx_ref":"[^"]+"/g)).size === 3;
    });
    await other.groups({});
    await until("word of its going", () => told().includes('"leaves":{"'));
    await expectOnlyLast(client, io);
  });
});

describe("a membership that the server ends", () => {
  it("is simply gone", async () => {
    const { client, io } = await setUp();
    io.in(ROOM).socketsLeave(ROOM);
    io.to(ROOM).emit("message", { n: 1 });
    client.ask({ job_events: [42] });
    expect(await client.next()).toBe(
      `{"groups_current": ["${ROOM}"], "groups_left": [], "groups_joined": ["${ROOM}"]}`,
    );
    await expectOnlyLast(client, io);
  });
});

describe("a channel of the application's", () => {
  it("may refuse a client, take its time, or make its own version of an event", async () => {
    const server = await startServer();
    server.commonroom.channel("job_events-*", {
      join: async ({ room }) => {
        await new Promise((resolve) => setImmediate(resolve));
        return room.endsWith("-1") ? reject("no") : accept(undefined);
      },
      intercept: { message: (_member, payload) => ({ seen: payload }) },
    });
    const client = await openTower(`${server.wsUrl}/websocket/`);
    client.ask({ job_events: [1, 2] });
    client.ask({ job_events: [3] });
    expect(await client.next()).toContain("for resource id 1");
    expect(await client.next()).toContain('"groups_joined": ["job_events-2"]');
    expect(await client.next()).toContain('"groups_left": ["job_events-2"]');
    server.commonroom.io.to("job_events-2").emit("message", { n: 1 });
    server.commonroom.io.to("job_events-3").emit("message", { n: 2 });
    expect(await client.next()).toBe('{"seen":{"n":2}}');
  });

  it("sees a client that keeps its group neither leave nor join again", async () => {
    const server = await startServer();
    const calls: string[] = [];
    server.commonroom.channel("jobs-*", {
      joined: ({ room }) => void calls.push(`${room} joined`),
      leave: ({ room }) => void calls.push(`${room} left`),
    });
    const client = await openTower(`${server.wsUrl}/websocket/`);
    await client.groups({ jobs: ["a", "b"] });
    await client.groups({ jobs: ["b", "c"] });
    await client.groups({ jobs: ["b"] });
    expect(calls).toEqual([
      "jobs-a joined",
      "jobs-b joined",
      "jobs-a left",
      "jobs-c joined",
      "jobs-c left",
    ]);
  });

  it("that throws is a refusal, and the connection lives on", async () => {
    const server = await startServer();
    server.commonroom.channel("*", {
      join: () => {
        throw new Error("boom");
      },
    });
    const client = await openTower(`${server.wsUrl}/websocket/`);
    client.ask({ jobs: ["a"] });
    expect(await client.next()).toContain("access denied");
    expect(await client.next()).toContain('"groups_current": []');
  });
});

describe("one room, whatever its members speak,", () => {
  it("is watched by a Tower client, phoenix.js, Socket.IO, the room client and a plain one alike", async () => {
    const { client, io, url, wsUrl } = await setUp();
    const phoenix = connectPhoenix(`${wsUrl}/socket`).channel(ROOM);
    const plain = await connectRaw(`${wsUrl}/ws`);
    const socketIo = await connectSocketIo(url);
    const heard: unknown[] = [];
    for (const event of ["message", "shout"]) {
      phoenix.on(event, (payload: unknown) => {
        heard.push(["phoenix", event, payload]);
      });
      socketIo.on(event, (payload: unknown, { room }: { room: string }) => {
        heard.push(["socket.io", event, payload, room]);
      });
    }
    await joinPhoenix(phoenix);
    await ask(socketIo, "join", ROOM, {});
    plain.send({ type: "_join", room: ROOM, _id: 1 });
    await plain.next();
    const channel = new Channel(`${wsUrl}/ws`, { WebSocket });
    onTestFinished(() => channel.close());
    channel.onRoomMessage(ROOM, (payload, { event }) => {
      heard.push(["room client", event, payload]);
    });
    await channel.connect();
    await channel.join(ROOM);

    io.to(ROOM).emit("message", { status: "running" });
    expect(await client.next()).toBe('{"status":"running"}');
    expect(await plain.next()).toEqual({ status: "running", _room: ROOM });
    await until("all libraries to hear it", () => heard.length === 3);

    await pushPhoenix(phoenix, "shout", { by: "phoenix" });
    expect(await client.next()).toBe('{"by":"phoenix"}');
    expect(await plain.next()).toEqual({ by: "phoenix", _event: "shout", _room: ROOM });
    plain.send({ by: "plain", _room: ROOM });
    expect(await client.next()).toBe('{"by":"plain"}');
    await until("all to be heard", () => heard.length === 8);
    expect(heard).toEqual(
      expect.arrayContaining([
        ["phoenix", "message", { status: "running" }],
        ["socket.io", "message", { status: "running" }, ROOM],
        ["socket.io", "shout", { by: "phoenix" }, ROOM],
        ["phoenix", "message", { by: "plain" }],
        ["socket.io", "message", { by: "plain" }, ROOM],
        ["room client", "message", { status: "running" }],
        ["room client", "shout", { by: "phoenix" }],
        ["room client", "message", { by: "plain" }],
      ]),
    );
    expect(client.frames).toEqual([]);
  });

  it("shows its members a Tower client of the application's by its user's id", async () => {
    const server = await startServer({}, { resolveUser: () => ({ id: 7, byCookie: false }) });
    const client = await openTower(`${server.wsUrl}/websocket/`);
    await client.groups({ jobs: ["a"] });
    expect(Object.keys(await server.commonroom.presences("jobs-a"))).toEqual(["7"]);
  });
});

describe("a page that switches its groups a thousand times while ten publishers emit", () => {
  it("loses no event of the group it keeps, and gets none of one it has left", async () => {
    const SWITCHES = 1000;
    const { client, io, url } = await setUp();
    const publishers = await Promise.all(Array.from({ length: 10 }, () => connectSocketIo(url)));
    for (const publisher of publishers) {
      for (const room of [ROOM, "jobs-a", "jobs-b"]) await ask(publisher, "join", room, {});
    }
    const end = new AbortController();
    const sent = publishers.map(async (publisher, by) => {
      let count = 0;
      while (!end.signal.aborted) {
        count += 1;
        const stray = count % 2 === 0 ? "jobs-a" : "jobs-b";
        publisher.emit("push", stray, "message", { in: stray });
        await ask(publisher, "push", ROOM, "message", { by, count });
      }
      return count;
    });
    const heard = new Map<number, number>();
    let current = "";
    let strays = 0;
    let replies = 0;
    const take = (frame: string): void => {
      const { groups_current, by, count, in: room } = JSON.parse(frame);
      if (groups_current !== undefined) {
        replies += 1;
        current = groups_current[1];
      } else if (room !== undefined) {
        strays += 1;
        // Frames come in order: after its reply, nothing of a group that was left.
        if (replies > 0) expect([replies, room]).toEqual([replies, current]);
      } else {
        expect(count).toBe((heard.get(by) ?? 0) + 1);
        heard.set(by, count);
      }
    };
    for (let n = 0; n < SWITCHES; n += 1) {
      client.ask({ job_events: [42], jobs: [n % 2 === 0 ? "a" : "b"] });
      await until(`reply ${n + 1}`, () => {
        for (const frame of client.frames.splice(0)) take(frame);
        return replies > n;
      });
    }
    end.abort();
    const counts = await Promise.all(sent);
    io.to(ROOM).emit("message", { by: -1, count: 1 });
    await until("the last event", () => {
      for (const frame of client.frames.splice(0)) take(frame);
      return heard.has(-1);
    });
    expect(replies).toBe(SWITCHES);
    expect(strays).toBeGreaterThan(0);
    expect([...heard].filter(([by]) => by >= 0).sort(([a], [b]) => a - b)).toEqual([
      ...counts.entries(),
    ]);
  }, 60_000);
});
