import { describe, expect, it } from "vitest";
import type { ConnectHook, ConnectRequest } from "../../../server/index.ts";
import { startServer } from "../../support/server.ts";
import { connectSocketIo } from "../../support/socket-io-client.ts";

const transports = [["websocket"], ["polling"]];

describe.each(transports)("the connect hook, for a Socket.IO client over %s", (transport) => {
  const options = { transports: [transport], reconnection: false };

  it("sees the query with the client's auth laid over it, and its token", async () => {
    const seen: ConnectRequest[] = [];
    const connect: ConnectHook = (request) => {
      seen.push(request);
      return { ok: true };
    };
    const { url } = await startServer({}, { connect });
    const auth = { token: "secret", tenant: "blue", deep: { n: 1 } };
    const query = { tenant: "red", lang: "de" };
    await connectSocketIo(url, { ...options, auth, query });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      dialect: "socketio",
      params: { token: "secret", tenant: "blue", deep: { n: 1 }, lang: "de", EIO: "4" },
      token: "secret",
      address: "127.0.0.1",
    });
  });

  it("refuses with connect_error, and its reason in the data", async () => {
    const connect: ConnectHook = () => ({ ok: false, reason: "not you", status: 401 });
    const { url, commonroom } = await startServer({}, { connect });
    await expect(connectSocketIo(url, options)).rejects.toMatchObject({
      message: "not you",
      data: { reason: "not you", status: 401 },
    });
    expect(commonroom.status().connections).toBe(0);
  });

  it("that throws refuses, tells nothing of the fault, and is logged", async () => {
    const connect: ConnectHook = () => Promise.reject(new Error("database is down"));
    const { url, logLines } = await startServer({}, { connect });
    await expect(connectSocketIo(url, options)).rejects.toMatchObject({
      data: { reason: "internal error", status: 403 },
    });
    expect(logLines.filter((line) => line.includes("connect hook failed"))).toHaveLength(1);
  });

  it("is not asked about a page of a foreign origin: its handshake fails", async () => {
    let count = 0;
    const connect: ConnectHook = () => {
      count += 1;
      return { ok: true };
    };
    const { url } = await startServer({ auth: { checkOrigin: ["//a.com"] } }, { connect });
    const from = (origin: string) => ({ ...options, extraHeaders: { origin } });
    await expect(connectSocketIo(url, from("http://b.com"))).rejects.toThrow();
    expect(count).toBe(0);
    await connectSocketIo(url, from("http://a.com"));
    await connectSocketIo(url, options);
    expect(count).toBe(2);
  });
});
