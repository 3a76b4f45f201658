import { describe, expect, it } from "vitest";
import type { ConnectHook } from "../../../server/index.ts";
import {
  cutOffPoll,
  joinSession,
  longPollAddress,
  openLongPoll,
  openSession,
  pollInBackground,
  statusOf,
} from "../../support/long-poll-client.ts";
import { startServer } from "../../support/server.ts";
import { secret, tokenFor } from "../../support/tokens.ts";
import { until, within } from "../../support/until.ts";

const quiet = { rooms: [{ match: "*", presence: false }] };
const shortWindow = { ...quiet, limits: { longPollWindowMs: 300 } };
const ok = { status: "ok", response: {} };
const join = ["1", "1", "room:a", "phx_join", {}];

describe("a GET", () => {
  it.each([
    "/longpoll?vsn=2.0.0",
    "/websocket/longpoll?vsn=2.0.0",
    "/socket/longpoll?vsn=2.0.0",
    "/longpoll/?vsn=2.0.0",
    "/websocket/longpoll/?vsn=2.0.0",
    "/socket/longpoll/?vsn=2.0.0",
    "/socket/longpoll?a=x%20y&vsn=2.0.0&",
    "/socket/longpoll?vsn=2.0.0&token=null",
    "/socket/longpoll?vsn=2.0.0&token=forged",
    "/socket/longpoll?vsn=2.0.0&token=",
    "/socket/longpoll",
    "/socket/longpoll?vsn=1.0.0",
  ])("of %s opens a session: 410 and its token", async (path) => {
    const { url, commonroom } = await startServer();
    const answer = await fetch(url + path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    const token = expect.stringMatching(/^[A-Za-z0-9_-]{32,}$/);
    expect(await answer.json()).toEqual({ status: 410, token, messages: [] });
    expect(commonroom.status().connections).toBe(1);
  });

  it.each(["3.0.0", "2.1.0", "1.1.0", "2", "2.0", "abc", "", "2.0.0-rc.1"])(
    "with the version %j is answered 200 with the status 403 in its body",
    async (vsn) => {
      const { url, commonroom } = await startServer();
      const answer = await fetch(`${url}/socket/longpoll?vsn=${vsn}`);
      expect([answer.status, await answer.json()]).toEqual([200, { status: 403 }]);
      expect(answer.headers.get("cache-control")).toBe("no-store");
      expect(commonroom.status().connections).toBe(0);
    },
  );

  it("that middleware refuses has the status 403", async () => {
    const { url, commonroom } = await startServer();
    commonroom.io.use((_socket, next) => next(new Error("not today")));
    const answer = await fetch(`${url}/socket/longpoll?vsn=2.0.0`);
    expect([answer.status, await answer.json()]).toEqual([200, { status: 403 }]);
  });

  it.each([400, 401, 404])(
    "that the application refuses with %i has the status 403",
    async (status) => {
      const connect = () => ({ ok: false, reason: "not today", status }) as const;
      const { url, commonroom } = await startServer({}, { connect });
      const answer = await fetch(`${url}/socket/longpoll?vsn=2.0.0`);
      expect([answer.status, await answer.json()]).toEqual([200, { status: 403 }]);
      expect(commonroom.status().connections).toBe(0);
    },
  );

  it.each<[string, ConnectHook]>([
    ["with 429", () => ({ ok: false, reason: "not now", status: 429 })],
    ["with 503", () => ({ ok: false, reason: "not now", status: 503 })],
    ["by throwing", () => Promise.reject(new Error("database is down"))],
  ])("that the application refuses %s is to come back: HTTP 503, empty", async (_how, connect) => {
    const { url } = await startServer({}, { connect });
    const answer = await fetch(`${url}/socket/longpoll?vsn=2.0.0`);
    expect([answer.status, await answer.text()]).toEqual([503, ""]);
  });

  it("that finds too many waiting at the door is to come back: HTTP 503, empty", async () => {
    const limits = { connectsPerSec: 1, maxWaitingConnects: 1 };
    const { url } = await startServer({ limits });
    const address = `${url}/socket/longpoll?vsn=2.0.0`;
    // One goes through, one waits, and there is no place for a third.
    const answers = await Promise.all([1, 2, 3].map(() => fetch(address)));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.map(({ status }) => status)).toEqual([503]);
    expect(await refused[0]?.text()).toBe("");
  });

  it.each([
    ["//example.com", 410],
    ["//example.org", 403],
  ])(
    "of a page of example.com, where %s may connect, has the status %i",
    async (pattern, status) => {
      const { url } = await startServer({ auth: { checkOrigin: [pattern] } });
      const headers = { origin: "https://example.com" };
      const answer = await fetch(`${url}/socket/longpoll?vsn=2.0.0`, { headers });
      expect(await answer.json()).toMatchObject({ status });
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    },
  );

  it("that opens a session waits for middleware", async () => {
    const server = await startServer();
    const asked = new Promise<() => void>((resolve) => {
      server.commonroom.io.use((_socket, next) => resolve(next));
    });
    const opening = openSession(server);
    (await asked)();
    expect((await opening).token).not.toBe("");
  });

  it("that is cut off before its session is open leaves none behind", async () => {
    const server = await startServer();
    const asked = new Promise<() => void>((resolve) => {
      server.commonroom.io.use((_socket, next) => resolve(next));
    });
    const controller = new AbortController();
    const opening = fetch(longPollAddress(server), { signal: controller.signal });
    const letIn = await asked;
    controller.abort();
    await expect(opening).rejects.toThrow("abort");
    letIn();
    await until("no connection", () => server.commonroom.status().connections === 0);
  });

  it("without messages within the window is answered 204", async () => {
    const client = await openSession(await startServer(shortWindow));
    expect(await client.get()).toEqual({ status: 204, token: client.token, messages: [] });
  });

  it("takes all that has waited, each frame a string", async () => {
    const client = await openSession(await startServer(quiet));
    await client.postLines([null, "1", "phoenix", "heartbeat", {}], [null, "2", "no", "msg", {}]);
    const { status, token, messages = [] } = await client.get();
    expect([status, token]).toEqual([200, client.token]);
    expect(messages[0]).toBe('[null,"1","phoenix","phx_reply",{"status":"ok","response":{}}]');
    expect(JSON.parse(messages[1] ?? "")).toMatchObject([null, "2", "no", "phx_reply", {}]);
    expect(messages).toHaveLength(2);
  });

  it("that waits is answered as soon as there are messages, with all of one turn", async () => {
    const server = await startServer(quiet);
    const client = await joinSession(server);
    const waiting = pollInBackground(client);
    await until("the poll to wait", async () => (await statusOf(client)) === 200);
    server.commonroom.io.to("room:a").emit("one", {});
    server.commonroom.io.to("room:a").emit("two", { text: 'quo"te\n\u2028ü' });
    const { status, messages = [] } = await within("an answer", waiting);
    expect(status).toBe(200);
    expect(messages.map((text) => JSON.parse(text))).toEqual([
      [null, null, "room:a", "one", {}],
      [null, null, "room:a", "two", { text: 'quo"te\n\u2028ü' }],
    ]);
  });

  it("takes the place of one that waits, which is answered 204", async () => {
    const server = await startServer(quiet);
    const client = await joinSession(server);
    const [older, newer] = [pollInBackground(client), pollInBackground(client)];
    const first = await within("the older to end", Promise.race([older, newer]));
    expect(first).toMatchObject({ status: 204, messages: [] });
    server.commonroom.io.to("room:a").emit("hi", {});
    const both = await within("both to end", Promise.all([older, newer]));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 204]);
  });

  it("that is cut off loses no message", async () => {
    const server = await startServer(quiet);
    const client = await joinSession(server);
    const [socket] = server.commonroom.io.of("/").sockets.values();
    await cutOffPoll(client);
    socket?.emit("hi", {}, { room: "room:a" });
    expect(await client.frames()).toEqual([["1", null, "room:a", "hi", {}]]);
  });
});

describe("a session", () => {
  it("is a Socket.IO socket with the request that opened it", async () => {
    const server = await startServer();
    const client = await openLongPoll(`${longPollAddress(server)}&a=1`, { "x-mine": "yes" });
    await client.postLines(join);
    await client.frames();
    const [socket] = await server.commonroom.io.in("room:a").fetchSockets();
    expect(socket?.handshake).toMatchObject({ address: "127.0.0.1", query: { a: "1" } });
    expect(socket?.handshake.headers).toMatchObject({ "x-mine": "yes" });
    expect(socket?.handshake.url).toContain("/socket/longpoll");
  });

  it("keeps one token, in a header or in the query; the header wins", async () => {
    const server = await startServer(shortWindow);
    const client = await openSession(server);
    const header = { "x-phoenix-longpoll-token": client.token };
    const url = `${longPollAddress(server)}&token=bogus`;
    const polled = await fetch(url, { headers: header });
    expect(await polled.json()).toMatchObject({ status: 204, token: client.token });
    const posted = await fetch(url, { method: "POST", headers: header });
    expect(await posted.json()).toMatchObject({ status: expect.any(Number) });
    const bogus = await fetch(client.ownUrl, { headers: { "x-phoenix-longpoll-token": "bogus" } });
    expect(await bogus.json()).toMatchObject({
      status: 410,
      token: expect.not.stringContaining(client.token),
    });
  });

  it("takes its room token from X-Phoenix-AuthToken", async () => {
    const server = await startServer({ ...quiet, auth: { jwtSecret: secret } });
    const headers = { "x-phoenix-authtoken": tokenFor("room:a") };
    const client = await openLongPoll(longPollAddress(server), headers);
    await client.postLines(join);
    expect(await client.frames()).toMatchObject([
      ["1", "1", "room:a", "phx_reply", { status: "ok" }],
    ]);
  });

  it("takes its room token from the query, also beside the token of a session that is gone", async () => {
    const server = await startServer({ ...quiet, auth: { jwtSecret: secret } });
    const former = await openLongPoll(`${longPollAddress(server)}&token=${tokenFor("room:a")}`);
    server.commonroom.io.disconnectSockets(true);
    await until("410", async () => (await statusOf(former)) === 410);
    const client = await openLongPoll(former.ownUrl);
    expect(client.token).not.toBe(former.token);
    await client.postLines(join);
    expect(await client.frames()).toMatchObject([
      ["1", "1", "room:a", "phx_reply", { status: "ok" }],
    ]);
  });

  it("that is not asked for 1.5 windows ends, whatever is posted", async () => {
    const server = await startServer(shortWindow);
    const client = await joinSession(server);
    const reasons: string[] = [];
    for (const socket of server.commonroom.io.of("/").sockets.values()) {
      socket.on("disconnect", (reason) => void reasons.push(reason));
    }
    await until("410", async () => {
      const { status } = await client.postLines([null, "1", "phoenix", "heartbeat", {}]);
      return status === 410;
    });
    expect(reasons).toEqual(["inactive"]);
    expect(server.commonroom.status()).toMatchObject({ connections: 0, rooms: 0 });
    expect(await client.get()).toMatchObject({ status: 410, token: expect.any(String) });
  });

  it("lives as long as it is asked, beyond the idle time-out of WebSockets", async () => {
    const limits = { longPollWindowMs: 150, idleTimeoutMs: 200 };
    const client = await joinSession(await startServer({ ...quiet, limits }));
    for (let polls = 0; polls < 8; polls += 1) {
      expect(await client.get()).toMatchObject({ status: 204, token: client.token });
    }
  });

  it("that the server disconnects answers the waiting GET, and then 410", async () => {
    const server = await startServer(quiet);
    const client = await joinSession(server);
    const waiting = pollInBackground(client);
    await statusOf(client);
    server.commonroom.io.in("room:a").disconnectSockets(true);
    expect((await within("the GET", waiting)).status).toBeOneOf([204, 410]);
    expect(await statusOf(client)).toBe(410);
    expect(await client.get()).toMatchObject({ status: 410 });
  });

  it("ends with the other connections of the id that the application gave it", async () => {
    const server = await startServer(quiet, { connect: () => ({ ok: true, id: "user:1" }) });
    const client = await joinSession(server);
    server.commonroom.disconnect("user:1");
    expect(await statusOf(client)).toBe(410);
  });

  it("that lets more than the limit wait ends as a slow reader, and nobody else notices", async () => {
    const server = await startServer({ ...quiet, limits: { maxBacklogBytes: 10_000 } });
    const [slow, quick] = [await joinSession(server), await joinSession(server)];
    const payload = { text: "x".repeat(3000) };
    for (let n = 0; n < 4; n += 1) {
      server.commonroom.io.to("room:a").emit("big", payload);
      expect(await quick.frames()).toHaveLength(1);
    }
    expect(await statusOf(slow)).toBe(410);
    expect(await statusOf(quick)).toBe(200);
    expect(server.commonroom.status().counters.slowReadersClosed).toBe(1);
    expect(server.commonroom.status().connections).toBe(1);
  });

  it("may be sent one message that alone exceeds the limit", async () => {
    const server = await startServer({ ...quiet, limits: { maxBacklogBytes: 1000 } });
    const client = await joinSession(server);
    server.commonroom.io.to("room:a").emit("big", { text: "x".repeat(3000) });
    expect(await client.frames()).toHaveLength(1);
  });

  it("is closed in good order when the server stops: 204 for the GET that waits, at once", async () => {
    const server = await startServer(quiet);
    const client = await joinSession(server);
    const waiting = pollInBackground(client);
    await statusOf(client);
    await within("the server to stop", server.commonroom.close(), 4000);
    expect(await waiting).toMatchObject({ status: 204, token: client.token });
  });

  it("goes on until its turn comes, when the server closes its clients in batches", async () => {
    const limits = { drainBatchSize: 1, drainEveryMs: 300 };
    const server = await startServer({ ...quiet, limits });
    const [first, last] = [await joinSession(server), await joinSession(server)];
    const waiting = [pollInBackground(first), pollInBackground(last)];
    await statusOf(last);
    const closing = server.commonroom.close();
    expect(await waiting[0]).toMatchObject({ status: 204, token: first.token });
    server.commonroom.io.to("room:a").emit("soon", {});
    expect(await waiting[1]).toMatchObject({ status: 200, token: last.token });
    await within("the server to stop", closing, 4000);
  });

  it("is told of bytes instead of sent them, and may send some", async () => {
    const server = await startServer(quiet);
    const [client, other] = [await joinSession(server), await joinSession(server)];
    const line = Buffer.from("00010106033132726f6f6d3a6162696e010203", "hex").toString("base64");
    expect(await client.postLines(line)).toEqual({ status: 200 });
    expect(await client.frames()).toEqual([["1", "2", "room:a", "phx_reply", ok]]);
    const told = { event: "bin", bytes: 3, reason: "this connection cannot carry binary payloads" };
    expect(await other.frames()).toEqual([[null, null, "room:a", "phx_undeliverable", told]]);
  });
});
