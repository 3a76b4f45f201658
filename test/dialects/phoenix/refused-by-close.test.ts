import { describe, expect, it } from "vitest";
import type { ConnectHook } from "../../../server/index.ts";
import { connectRaw } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";

const heartbeat = [null, "1", "phoenix", "heartbeat", {}];

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
