import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { CommonroomOptions } from "../../../server/index.ts";
import { connectPhoenix, joinPhoenix, leavePhoenix } from "../../support/phoenix-client.ts";
import { connectRaw, RawClient } from "../../support/raw-client.ts";
import { relayHeader } from "../../support/relay-header.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { connectSocketIo } from "../../support/socket-io-client.ts";
import { openTower } from "../../support/tower-client.ts";
import { until } from "../../support/until.ts";

const SECRET = "s3cr3t";
const NAME = /^specific\.[0-9a-f]{32}![0-9a-f]{32}$/;

/** Makes relays' headers, no two of which are alike. */
let nonce = Math.floor(Date.now() / 1000) - 200;
function nextHeader(): string {
  nonce += 1;
  return relayHeader(SECRET, String(nonce));
}

function startRelayed(options: CommonroomOptions = {}): Promise<TestServer> {
  return startServer({ tower: { relaySecret: SECRET }, ...options });
}

function connectRelay({ wsUrl }: TestServer, path = "/websocket/relay/"): Promise<RawClient> {
  return connectRaw(wsUrl + path, [], { secret: nextHeader() });
}

/** What a task node sends for a group. */
function relayed(group: unknown, text: unknown): object {
  return { group, message: { type: "internal.message", text } };
}

describe("the address of relays", () => {
  it.each(["/websocket/relay/", "/websocket/broadcast/"])(
    "%s is there with a secret, and greets nobody",
    async (path) => {
      const server = await startRelayed();
      const relay = await connectRelay(server, path);
      await openTower(`${server.wsUrl}/websocket/`);
      expect(relay.received).toEqual([]);
    },
  );

  it("does not exist without a secret", async () => {
    const { wsUrl } = await startServer();
    const connected = connectRaw(`${wsUrl}/websocket/relay/`, [], { secret: nextHeader() });
    await expect(connected).rejects.toThrow("404");
  });

  it.each([
    ["no header", () => undefined],
    ["a forged header", () => relayHeader("guess", String(Math.floor(Date.now() / 1000)))],
    ["a late header", () => relayHeader(SECRET, String(Math.floor(Date.now() / 1000) - 302))],
    ["an early header", () => relayHeader(SECRET, String(Math.floor(Date.now() / 1000) + 302))],
  ])("refuses %s with 403, even where refusals are closes", async (_what, make) => {
    const server = await startRelayed({ connect: { refusal: "close" } });
    const secret = make();
    const headers: Record<string, string> = secret === undefined ? {} : { secret };
    const connected = connectRaw(`${server.wsUrl}/websocket/relay/`, [], headers);
    await expect(connected).rejects.toThrow("403");
  });

  it("refuses a header that was used before", async () => {
    const server = await startRelayed();
    const url = `${server.wsUrl}/websocket/relay/`;
    const headers = { secret: nextHeader() };
    const first = await connectRaw(url, [], headers);
    await expect(connectRaw(url, [], headers)).rejects.toThrow("403");
    first.webSocket.close();
    await first.end();
    await expect(connectRaw(url, [], headers)).rejects.toThrow("403");
  });
});

describe("a relay", () => {
  it("is told of each good request of a Tower client, and of its end", async () => {
    const server = await startRelayed();
    const relay = await connectRelay(server);
    const client = await openTower(`${server.wsUrl}/websocket/`);
    await client.groups({ jobs: ["a", "b"] });
    const first = await relay.next();
    expect(first).toEqual({
      type: "consumer.subscribe",
      groups: ["jobs-a", "jobs-b"],
      origin_channel: expect.stringMatching(NAME),
    });
    const { origin_channel } = first as { origin_channel: string };
    const frame = (type: string, ...groups: string[]) => ({ type, groups, origin_channel });

    await client.groups({ jobs: ["a", "b"] });
    expect(await relay.next()).toEqual(first);
    client.send("hello");
    client.send('{"groups": {"jobs": 5}}');
    await client.groups({ jobs: ["b"], schedules: ["changed"] });
    expect(await relay.next()).toEqual(frame("consumer.unsubscribe", "jobs-a"));
    expect(await relay.next()).toEqual(frame("consumer.subscribe", "jobs-b", "schedules-changed"));
    client.webSocket.close();
    expect(await relay.next()).toEqual(
      frame("consumer.unsubscribe", "jobs-b", "schedules-changed"),
    );
    expect(relay.received).toHaveLength(5);
  });

  it("gets frames as Python writes them, and an empty last word", async () => {
    const server = await startRelayed();
    const relay = await connectRelay(server);
    const texts: string[] = [];
    relay.webSocket.on("message", (data: Buffer) => texts.push(data.toString()));
    const client = await openTower(`${server.wsUrl}/websocket/`);
    client.webSocket.close();
    await relay.next();
    expect(texts[0]).toMatch(
      /^\{"type": "consumer\.unsubscribe", "groups": \[\], "origin_channel": "specific\.[^"]+"\}$/,
    );
  });

  it("is told when the server ends a membership", async () => {
    const server = await startRelayed();
    const relay = await connectRelay(server);
    const client = await openTower(`${server.wsUrl}/websocket/`);
    await client.groups({ jobs: ["a"] });
    await relay.next();
    server.commonroom.io.socketsLeave("jobs-a");
    expect(await relay.next()).toMatchObject({ type: "consumer.unsubscribe", groups: ["jobs-a"] });
  });

  it("that connects later is told of every live subscription, each with its own name", async () => {
    const server = await startRelayed();
    const [one, two, gone] = [
      await openTower(`${server.wsUrl}/websocket/`),
      await openTower(`${server.wsUrl}/websocket/`),
      await openTower(`${server.wsUrl}/websocket/`),
    ];
    await one.groups({ jobs: ["a"] });
    await two.groups({ jobs: ["a", "b"] });
    await gone.groups({ jobs: ["c"] });
    gone.webSocket.close();
    await until("its end", () => server.commonroom.status().connections === 2);
    const relay = await connectRelay(server);
    const told = [await relay.next(), await relay.next()];
    expect(told).toMatchObject([
      { type: "consumer.subscribe", groups: ["jobs-a"] },
      { type: "consumer.subscribe", groups: ["jobs-a", "jobs-b"] },
    ]);
    expect(new Set(told.map((frame) => Reflect.get(frame as object, "origin_channel"))).size).toBe(
      2,
    );
    expect(relay.received).toHaveLength(2);
  });

  it("is told once of a room that members of other dialects are in, until the last leaves", async () => {
    const server = await startRelayed();
    const relay = await connectRelay(server);
    const phoenix = connectPhoenix(`${server.wsUrl}/socket`).channel("job_events-42");
    const socketIo = await connectSocketIo(server.url);
    for (const room of ["lobby", "room:1-a", "metrics", "broadcast-group_send"]) {
      await socketIo.emitWithAck("join", room, {});
    }
    await joinPhoenix(phoenix);
    await socketIo.emitWithAck("join", "job_events-42", {});
    const subscribed = await relay.next();
    expect(subscribed).toMatchObject({ type: "consumer.subscribe", groups: ["job_events-42"] });
    const later = await connectRelay(server);
    expect(await later.next()).toEqual(subscribed);
    await leavePhoenix(phoenix);
    socketIo.disconnect();
    expect(await relay.next()).toEqual({
      ...(subscribed as object),
      type: "consumer.unsubscribe",
    });
    expect([relay.received.length, later.received.length]).toEqual([2, 2]);
  });

  it("brings events to the members of every dialect, and Tower clients get them as they are", async () => {
    const server = await startRelayed();
    const client = await openTower(`${server.wsUrl}/websocket/`);
    await client.groups({ jobs: ["status_changed"] });
    const plain = await connectRaw(`${server.wsUrl}/ws`);
    plain.send({ type: "_join", room: "jobs-status_changed", _id: 1 });
    await plain.next();
    const relay = await connectRelay(server);
    const deep = "[".repeat(5000) + "]".repeat(5000);
    const texts = [
      '{"unified_job_id": 9007199254740993, "x": 1.0, "t": "h\\u00e9"}',
      ' {"a":1}\n',
      '"text"',
      "not JSON",
      "",
      '{"n": NaN}',
      deep,
    ];
    for (const text of texts) relay.send(relayed("jobs-status_changed", text));
    for (const text of texts) expect(await client.next()).toBe(text);
    const heard = [];
    for (const _text of texts) heard.push(await plain.next());
    expect(heard.slice(1)).toEqual([
      { a: 1, _room: "jobs-status_changed" },
      { data: "text", _room: "jobs-status_changed" },
      { data: "not JSON", _room: "jobs-status_changed" },
      { data: "", _room: "jobs-status_changed" },
      { data: '{"n": NaN}', _room: "jobs-status_changed" },
      { data: deep, _room: "jobs-status_changed" },
    ]);
  });

  it("finds the room of a group that is another room's alias", async () => {
    const server = await startRelayed({ rooms: [{ match: "job:*", aliases: ["job_events-*"] }] });
    const client = await openTower(`${server.wsUrl}/websocket/`);
    await client.groups({ job_events: [42] });
    const relay = await connectRelay(server);
    expect(await relay.next()).toMatchObject({ groups: ["job_events-42"] });
    relay.send(relayed("job_events-42", '{"n": 1}'));
    expect(await client.next()).toBe('{"n": 1}');
  });

  it("that sends what is not understood is logged, and the link lives on", async () => {
    const server = await startRelayed();
    const client = await openTower(`${server.wsUrl}/websocket/`);
    await client.groups({ jobs: ["a"] });
    const relay = await connectRelay(server);
    const wrong = [
      "hello",
      "",
      "null",
      "[]",
      {},
      Buffer.from(JSON.stringify(relayed("jobs-a", "{}"))),
      { group: "jobs-a" },
      { group: "jobs-a", message: "{}" },
      { group: "jobs-a", message: null },
      { group: "jobs-a", message: { type: "other", text: "{}" } },
      relayed("jobs-a", { not: "text" }),
      relayed("jobs a", "{}"),
      relayed(5, "{}"),
      relayed("metrics", "{}"),
      relayed("broadcast-group_send", "{}"),
    ];
    for (const frame of wrong) relay.send(frame);
    relay.send(relayed("jobs-a", '{"good": true}'));
    expect(await client.next()).toBe('{"good": true}');
    expect(client.frames).toEqual([]);
    const warnings = server.logLines.filter((line) => line.includes("Tower relay"));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).not.toContain("hello");
  });

  it("is told 1012 when the server stops, and does not hold it up", async () => {
    const server = await startRelayed();
    const relay = await connectRelay(server);
    const startedAtMs = Date.now();
    await server.commonroom.close();
    expect(Date.now() - startedAtMs).toBeLessThan(5000);
    expect(await relay.end()).toEqual({ code: 1012, reason: "server restarting" });
  });

  it("that reads too slowly is closed, and nobody else notices", async () => {
    const server = await startRelayed({ limits: { maxBacklogBytes: 100_000 } });
    const relay = await connectRelay(server);
    relay.webSocket.pause();
    const client = await openTower(`${server.wsUrl}/websocket/`);
    const ids = Array.from({ length: 100 }, (_item, n) => `${"x".repeat(80)}${n}`);
    let isClosed = false;
    void relay.closed.then(() => {
      isClosed = true;
    });
    for (let n = 0; n < 600; n += 1) await client.groups({ jobs: ids });
    relay.webSocket.resume();
    await until("the end of the link", () => isClosed);
    // 1006 where it has read nothing for so long that it was cut.
    expect([1006, 1013]).toContain((await relay.end()).code);
    expect((await client.groups({})).groups_left).toHaveLength(100);
  });

  it("that answers no ping is cut, and one that does lives", async () => {
    const server = await startRelayed({ limits: { idleTimeoutMs: 300 } });
    const url = `${server.wsUrl}/websocket/relay/`;
    const headers = { secret: nextHeader() };
    const deaf = new RawClient(new WebSocket(url, { headers, autoPong: false }));
    const relay = await connectRelay(server);
    let pings = 0;
    relay.webSocket.on("ping", () => {
      pings += 1;
    });
    expect(await deaf.end()).toMatchObject({ code: 1006 });
    await until("more pings", () => pings > 4);
    expect(relay.isOpen).toBe(true);
  });
});
