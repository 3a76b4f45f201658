import { once } from "node:events";
import { createConnection } from "node:net";
import { describe, expect, it } from "vitest";
import type { ConnectHook, ConnectRequest, ConnectResult } from "../../../server/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { connectRaw } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { until, within } from "../../support/until.ts";
import { refusalOf } from "./refused-upgrade.ts";

const heartbeat = [null, "1", "phoenix", "heartbeat", {}];
const heartbeatReply = [null, "1", "phoenix", "phx_reply", { status: "ok", response: {} }];

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
