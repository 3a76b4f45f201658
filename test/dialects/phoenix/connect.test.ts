import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { createConnection } from "node:net";
import { describe, expect, it } from "vitest";
import type { ConnectHook, ConnectRequest, ConnectResult } from "../../../server/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { connectRaw } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { secret, tokenFor } from "../../support/tokens.ts";
import { until, within } from "../../support/until.ts";

const heartbeat = [null, "1", "phoenix", "heartbeat", {}];
const heartbeatReply = [null, "1", "phoenix", "phx_reply", { status: "ok", response: {} }];
const heartbeatV1 = { topic: "phoenix", event: "heartbeat", payload: {}, ref: "1" };
const heartbeatReplyV1 = {
  topic: "phoenix",
  event: "phx_reply",
  payload: { status: "ok", response: {} },
  ref: "1",
};

describe("a phoenix.js client connects", () => {
  it.each(["/websocket", "/websocket/websocket", "/socket/websocket"])("at %s", async (path) => {
    const { wsUrl } = await startServer();
    const client = await connectRaw(`${wsUrl}${path}?vsn=2.0.0`);
    client.send(heartbeat);
    expect(await client.next()).toEqual(heartbeatReply);
  });

  it("without a vsn, if its first frame is an array", async () => {
    const { wsUrl } = await startServer();
    const client = await connectRaw(`${wsUrl}/websocket`);
    client.send(heartbeat);
    expect(await client.next()).toEqual(heartbeatReply);
  });

  it.each(["2.0.0", "2.0.1", "2.0.10", "2.0.0+build.5"])("with vsn %s", async (vsn) => {
    const { wsUrl } = await startServer();
    const client = await connectRaw(`${wsUrl}/websocket?vsn=${encodeURIComponent(vsn)}`);
    client.send(heartbeat);
    expect(await client.next()).toEqual(heartbeatReply);
  });

  it.each(["1.0.0", "1.0.5", "1.0.0+build.5"])("with vsn %s, of objects", async (vsn) => {
    const { wsUrl } = await startServer();
    const client = await connectRaw(`${wsUrl}/websocket?vsn=${encodeURIComponent(vsn)}`);
    client.send(heartbeatV1);
    expect(await client.next()).toEqual(heartbeatReplyV1);
  });

  it("without a vsn, if its first frame is an object with a topic", async () => {
    const { wsUrl } = await startServer();
    const client = await connectRaw(`${wsUrl}/websocket`);
    client.send(heartbeatV1);
    expect(await client.next()).toEqual(heartbeatReplyV1);
  });

  it("with the last vsn of several", async () => {
    const { wsUrl } = await startServer();
    const client = await connectRaw(`${wsUrl}/websocket?vsn=1.0.0&vsn=2.0.0`);
    client.send(heartbeat);
    expect(await client.next()).toEqual(heartbeatReply);
    await expect(connectRaw(`${wsUrl}/websocket?vsn=2.0.0&vsn=9.9.9`)).rejects.toThrow("403");
  });

  const refused = [
    "3.0.0",
    "2.1.0",
    "2.9.9",
    "1.1.0",
    "2",
    "2.0",
    "abc",
    "",
    "2.0.0-rc.1",
    "2.0.01",
    "1.0",
    "1.0.0-rc.1",
    "123.1.1",
  ];
  it.each(refused)("and is refused with 403 for vsn '%s'", async (vsn) => {
    const { wsUrl } = await startServer();
    await expect(connectRaw(`${wsUrl}/websocket?vsn=${vsn}`)).rejects.toThrow("403");
  });

  it("and is refused with 403 for a list of vsn", async () => {
    const { wsUrl } = await startServer();
    await expect(connectRaw(`${wsUrl}/websocket?vsn[]=2.0.0`)).rejects.toThrow("403");
  });

  it("and is answered 404 on an unknown path, without harm to the next one", async () => {
    const { wsUrl } = await startServer();
    await expect(connectRaw(`${wsUrl}/nowhere`)).rejects.toThrow("404");
    await expect(connectRaw(`${wsUrl}/websocket/websocket/`)).rejects.toThrow("404");
    await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
  });
});

describe("the sub-protocol", () => {
  const bearer = (token: string) => `base64url.bearer.phx.${token}`;
  const encode = (token: string) => Buffer.from(token).toString("base64").replaceAll("=", "");

  it("phoenix is selected when it is offered", async () => {
    const { wsUrl } = await startServer();
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`, ["phoenix"]);
    expect(client.webSocket.protocol).toBe("phoenix");
  });

  it.each(["base64", "base64url"] as const)("carries the token in %s", async (alphabet) => {
    const { wsUrl } = await startServer({ auth: { jwtSecret: secret } });
    const encoded = Buffer.from(tokenFor("lobby")).toString(alphabet).replaceAll("=", "");
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`, ["phoenix", bearer(encoded)]);
    expect(client.webSocket.protocol).toBe("phoenix");
    client.send(["1", "1", "lobby", "phx_join", {}]);
    expect(await client.next()).toMatchObject(["1", "1", "lobby", "phx_reply", { status: "ok" }]);
  });

  it.each([
    ["mqtt", ["mqtt"]],
    ["two tokens", ["phoenix", bearer("YQ"), bearer("Yg")]],
    ["a token that is not base64", ["phoenix", bearer("a.b")]],
  ])("refuses %s with 403", async (_what, protocols) => {
    const { wsUrl } = await startServer();
    await expect(connectRaw(`${wsUrl}/websocket?vsn=2.0.0`, protocols)).rejects.toThrow("403");
  });

  it("with a token alone is accepted, but selects nothing, so the client gives up", async () => {
    const { wsUrl } = await startServer();
    const connecting = connectRaw(`${wsUrl}/websocket?vsn=2.0.0`, [bearer(encode("token"))]);
    await expect(connecting).rejects.toThrow("no subprotocol");
  });
});

describe("a connection's token", () => {
  it.each([
    ["userToken in the query", (token: string) => ({ query: `&userToken=${token}`, headers: {} })],
    ["token in the query", (token: string) => ({ query: `&token=${token}`, headers: {} })],
    [
      "an Authorization header",
      (token: string) => ({ query: "", headers: { authorization: `Bearer ${token}` } }),
    ],
  ])("comes as %s", async (_what, place) => {
    const { wsUrl } = await startServer({ auth: { jwtSecret: secret } });
    const { query, headers } = place(tokenFor("lobby"));
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0${query}`, [], headers);
    client.send(["1", "1", "lobby", "phx_join", {}]);
    expect(await client.next()).toMatchObject(["1", "1", "lobby", "phx_reply", { status: "ok" }]);
  });

  it("never reaches the log", async () => {
    const server = await startServer({ auth: { jwtSecret: secret } });
    const token = tokenFor("other");
    const client = await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0&userToken=${token}`);
    client.send(["1", "1", "lobby", "phx_join", { token }]);
    expect(await client.next()).toMatchObject([
      "1",
      "1",
      "lobby",
      "phx_reply",
      { status: "error" },
    ]);
    client.send("not json");
    await client.end();
    expect(server.logLines.join("\n")).not.toContain(token);
  });
});

/** Everything of the answer to an upgrade that is refused. */
async function refusalOf(url: string, headers: Record<string, string> = {}, method = "GET") {
  const answer = new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const upgrade = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    const request = httpRequest(url.replace("ws", "http"), {
      method,
      headers: { ...upgrade, ...headers },
    });
    request.on("error", reject);
    request.on("upgrade", () => reject(new Error("accepted")));
    request.on("response", (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on("end", () => resolve({ status: response.statusCode, body }));
    });
    request.end();
  });
  return within("the refusal", answer);
}

describe("the connect hook", () => {
  const refusing =
    (reason: string, status?: number): ConnectHook =>
    () => ({ ok: false, reason, status });

  it("sees who wants to connect, with nested params", async () => {
    const seen: ConnectRequest[] = [];
    const connect: ConnectHook = (request) => {
      seen.push(request);
      return { ok: true };
    };
    const { wsUrl } = await startServer({}, { connect });
    const path = "/websocket?nest%5Bk%5D%5B0%5D=1&nest[k][1]=2&tags[]=a&tags[]=b&vsn=2.0.0&token=t";
    await connectRaw(`${wsUrl}${path}`, [], { "x-tenant": "blue", "user-agent": "a test" });
    expect(seen).toEqual([
      {
        dialect: "phoenix",
        params: { nest: { k: { 0: "1", 1: "2" } }, tags: ["a", "b"], vsn: "2.0.0", token: "t" },
        token: "t",
        headers: expect.objectContaining({ "x-tenant": "blue", "user-agent": "a test" }),
        address: "127.0.0.1",
        url: path,
      },
    ]);
  });

  it("sees the token of the sub-protocol", async () => {
    const tokens: unknown[] = [];
    const connect: ConnectHook = ({ token }) => {
      tokens.push(token);
      return { ok: true };
    };
    const { wsUrl } = await startServer({}, { connect });
    await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`, ["phoenix", "base64url.bearer.phx.c2VjcmV0"]);
    expect(tokens).toEqual(["secret"]);
  });

  it("refuses with 403 and its reason", async () => {
    const { wsUrl } = await startServer({}, { connect: refusing("not you") });
    expect(await refusalOf(`${wsUrl}/websocket?vsn=2.0.0`)).toEqual({
      status: 403,
      body: "not you",
    });
  });

  it("refuses with its own status, such as 429", async () => {
    const { wsUrl } = await startServer({}, { connect: refusing("too many of you", 429) });
    expect(await refusalOf(`${wsUrl}/websocket?vsn=2.0.0`)).toEqual({
      status: 429,
      body: "too many of you",
    });
  });

  it.each([200, 101, 0, 1000, 403.5])("refuses with 403 instead of %s", async (status) => {
    const { wsUrl } = await startServer({}, { connect: refusing("no", status) });
    expect(await refusalOf(`${wsUrl}/websocket?vsn=2.0.0`)).toMatchObject({ status: 403 });
  });

  it.each<[string, ConnectHook]>([
    [
      "throws",
      () => {
        throw new Error("database is down");
      },
    ],
    ["rejects", () => Promise.reject(new Error("database is down"))],
    ["answers nothing", () => undefined as never],
  ])("that %s refuses with 403 and an empty body, and is logged", async (_what, connect) => {
    const { wsUrl, logLines } = await startServer({}, { connect });
    const url = `${wsUrl}/websocket?vsn=2.0.0`;
    expect(await refusalOf(url)).toEqual({ status: 403, body: "" });
    expect(logLines.filter((line) => line.includes("connect hook failed"))).toHaveLength(1);
    expect(await refusalOf(url)).toEqual({ status: 403, body: "" });
  });

  it("makes the client wait, and its first frames with it", async () => {
    let decide: (() => void) | undefined;
    const connect: ConnectHook = () =>
      new Promise((resolve) => {
        decide = () => resolve({ ok: true });
      });
    const { wsUrl, commonroom } = await startServer({}, { connect });
    const connecting = connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    await until("the hook to be asked", () => decide !== undefined);
    expect(commonroom.status().connections).toBe(0);
    decide?.();
    const client = await connecting;
    client.send(heartbeat);
    expect(await client.next()).toEqual(heartbeatReply);
  });

  it("that does not decide in time refuses, and is logged", async () => {
    const clock = new ManualClock();
    let isAsked = false;
    const connect: ConnectHook = () => {
      isAsked = true;
      return new Promise(() => {});
    };
    const { wsUrl, logLines } = await startServer({}, { connect, clock });
    const refusal = refusalOf(`${wsUrl}/websocket?vsn=2.0.0`);
    await until("the hook to be asked", () => isAsked);
    clock.advance(10_000);
    expect(await refusal).toEqual({ status: 403, body: "" });
    expect(logLines.join("\n")).toContain("within 10000 ms");
  });

  it("that is undecided at shutdown does not hold it up: the client gets 503", async () => {
    let isAsked = false;
    const connect: ConnectHook = () => {
      isAsked = true;
      return new Promise(() => {});
    };
    const { wsUrl, commonroom } = await startServer({}, { connect });
    const refusal = refusalOf(`${wsUrl}/websocket?vsn=2.0.0`);
    await until("the hook to be asked", () => isAsked);
    await within("the shutdown", commonroom.close());
    expect(await refusal).toMatchObject({ status: 503 });
  });

  it.each<[string, ConnectResult]>([
    ["lets in", { ok: true, id: "ann" }],
    ["refuses", { ok: false, reason: "too late" }],
  ])("that %s a client who is gone meanwhile does no harm", async (_what, result) => {
    let decide: (() => void) | undefined;
    const connect: ConnectHook = () =>
      new Promise((resolve) => {
        decide = () => resolve(result);
      });
    const { wsUrl, port, commonroom, logLines } = await startServer({}, { connect });
    const stream = createConnection(port, "127.0.0.1");
    stream.write(
      "GET /websocket?vsn=2.0.0 HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n" +
        "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    await until("the hook to be asked", () => decide !== undefined);
    stream.resetAndDestroy();
    await once(stream, "close");
    decide?.();
    decide = undefined;
    const next = connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    next.catch(() => {});
    await until("the hook to be asked again", () => decide !== undefined);
    expect(commonroom.status().connections).toBe(0);
    expect(logLines.filter((line) => line.includes("crash"))).toEqual([]);
    (decide as (() => void) | undefined)?.();
    await Promise.allSettled([next]);
  });

  it("is not asked about a client that is refused before", async () => {
    let count = 0;
    const connect: ConnectHook = () => {
      count += 1;
      return { ok: true };
    };
    const { wsUrl } = await startServer({ auth: { checkOrigin: ["//a.com"] } }, { connect });
    await refusalOf(`${wsUrl}/websocket?vsn=3.0.0`);
    await refusalOf(`${wsUrl}/websocket?vsn=2.0.0`, { origin: "http://b.com" });
    await refusalOf(`${wsUrl}/websocket?vsn=2.0.0`, { "sec-websocket-protocol": "mqtt" });
    await refusalOf(`${wsUrl}/websocket?vsn=2.0.0`, {}, "POST");
    expect(count).toBe(0);
  });

  it("and what it is shown never reach the log", async () => {
    const { wsUrl, logLines } = await startServer({}, { connect: refusing("hunter2 is wrong") });
    await refusalOf(`${wsUrl}/websocket?vsn=2.0.0&password=hunter2&token=hunter2`);
    expect(logLines.join("\n")).toContain("client refused");
    expect(logLines.join("\n")).not.toContain("hunter2");
  });
});

describe("params beyond reason", () => {
  it.each([
    ["a thousand and one keys", Array.from({ length: 1001 }, (_, n) => `k${n}=`).join("&")],
    ["brackets nested 33 deep", `a${"[b]".repeat(33)}=1`],
  ])("are refused with 400: %s", async (_what, query) => {
    const { wsUrl } = await startServer();
    const url = `${wsUrl}/websocket?vsn=2.0.0&${query}`;
    expect(await refusalOf(url)).toEqual({ status: 400, body: "" });
  });
});

describe("an upgrade", () => {
  it("by another method than GET is answered 400", async () => {
    const { wsUrl } = await startServer();
    const url = `${wsUrl}/websocket?vsn=2.0.0`;
    expect(await refusalOf(url, {}, "POST")).toEqual({ status: 400, body: "" });
  });

  it("from a page of a foreign origin is refused with 403, from a listed one it is not", async () => {
    const { wsUrl } = await startServer({ auth: { checkOrigin: ["//example.com"] } });
    const url = `${wsUrl}/websocket?vsn=2.0.0`;
    const foreign = { origin: "http://notallowed.com" };
    expect(await refusalOf(url, foreign)).toEqual({ status: 403, body: "" });
    await connectRaw(url, [], { origin: "https://example.com" });
    await connectRaw(url);
  });
});

describe("a refusal by a close frame", () => {
  const close = { connect: { refusal: "close" } } as const;

  it.each<[string, string, string[], number, string]>([
    ["a vsn", "vsn=3.0.0", [], 4403, "vsn not supported"],
    ["sub-protocols", "vsn=2.0.0", ["mqtt"], 4403, "sub-protocol not supported"],
    [
      "a token that is not base64",
      "vsn=2.0.0",
      ["phoenix", "base64url.bearer.phx.a.b"],
      4401,
      "token not accepted",
    ],
    ["params", `vsn=2.0.0&a${"[b]".repeat(33)}=1`, [], 4400, "query has too many params"],
  ])("tells the page of %s", async (_what, query, protocols, code, reason) => {
    const { wsUrl } = await startServer(close);
    const client = await connectRaw(`${wsUrl}/websocket?${query}`, protocols);
    expect(await client.end()).toEqual({ code, reason });
  });

  it("tells the page of its origin", async () => {
    const { wsUrl } = await startServer({ ...close, auth: { checkOrigin: true } });
    const client = await connectRaw(`${wsUrl}/websocket`, [], { origin: "http://b.com" });
    expect(await client.end()).toEqual({ code: 4403, reason: "origin not allowed" });
  });

  it.each([
    [401, 4401],
    [403, 4403],
    [undefined, 4403],
    [429, 1013],
    [503, 1013],
  ])("tells the page the hook's reason: status %s becomes %i", async (status, code) => {
    const connect: ConnectHook = () => ({ ok: false, reason: "because", status });
    const { wsUrl } = await startServer(close, { connect });
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`, ["phoenix"]);
    expect(await client.end()).toEqual({ code, reason: "because" });
  });

  it("holds as much of a long reason as fits, in whole characters", async () => {
    const connect: ConnectHook = () => ({ ok: false, reason: "ü".repeat(200) });
    const { wsUrl } = await startServer(close, { connect });
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    expect(await client.end()).toEqual({ code: 4403, reason: "ü".repeat(61) });
  });

  it("of a hook that throws is 1011, and tells nothing of the fault", async () => {
    const connect: ConnectHook = () => {
      throw new Error("database is down");
    };
    const { wsUrl } = await startServer(close, { connect });
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    expect(await client.end()).toEqual({ code: 1011, reason: "internal error" });
  });

  it("does not heed what the client goes on sending", async () => {
    const { wsUrl, commonroom } = await startServer(close);
    const client = await connectRaw(`${wsUrl}/websocket?vsn=3.0.0`);
    client.send(heartbeat);
    client.send("x".repeat(200_000));
    expect((await client.end()).code).toBe(4403);
    expect(client.received).toEqual([]);
    expect(commonroom.status().connections).toBe(0);
  });
});

describe("a long-poll client", () => {
  async function open(url: string, query: string, headers: Record<string, string> = {}) {
    const response = await fetch(`${url}/websocket/longpoll?${query}`, { headers });
    return { http: response.status, body: await response.json() };
  }

  it("is let in as a WebSocket is, with the token of its header", async () => {
    const seen: ConnectRequest[] = [];
    const connect: ConnectHook = (request) => {
      seen.push(request);
      return { ok: true };
    };
    const { url } = await startServer({}, { connect });
    const headers = { "x-phoenix-authtoken": "secret" };
    expect(await open(url, "vsn=2.0.0&a[b]=1", headers)).toMatchObject({
      http: 200,
      body: { status: 410 },
    });
    expect(seen).toMatchObject([
      { dialect: "phoenix", params: { a: { b: "1" } }, token: "secret" },
    ]);
  });

  it.each<[string, string, Record<string, string>]>([
    ["the hook", "vsn=2.0.0&who=nobody", {}],
    ["its origin", "vsn=2.0.0", { origin: "http://b.com" }],
    ["its vsn", "vsn=3.0.0", {}],
  ])("is refused for %s by a status in the body", async (_what, query, headers) => {
    const connect: ConnectHook = ({ params }) =>
      params["who"] === "nobody" ? { ok: false, reason: "no" } : { ok: true };
    const { url } = await startServer({ auth: { checkOrigin: ["//a.com"] } }, { connect });
    expect(await open(url, query, headers)).toEqual({ http: 200, body: { status: 403 } });
    expect(await open(url, "vsn=2.0.0", { origin: "http://a.com" })).toMatchObject({
      body: { status: 410 },
    });
  });
});
