import { describe, expect, it } from "vitest";
import { connectRaw } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { refusalOf } from "./refused-upgrade.ts";

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
  it.each([
    "/websocket",
    "/websocket/websocket",
    "/websocket/websocket/",
    "/socket/websocket",
    "/socket/websocket/",
  ])("at %s", async (path) => {
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
    await expect(connectRaw(`${wsUrl}/websocket/websocket/x`)).rejects.toThrow("404");
    await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
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
