import { describe, expect, it } from "vitest";
import { connectRaw } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";

describe("a connection", () => {
  it("that arrives while middleware is still busy has its frames handled afterwards, in order", async () => {
    const { commonroom, wsUrl } = await startServer({ rooms: [{ match: "*", presence: false }] });
    const asked = new Promise<() => void>((resolve) => {
      commonroom.io.use((_socket, next) => resolve(next));
    });
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    client.send(["1", "1", "lobby", "phx_join", {}]);
    client.send(["1", "2", "lobby", "hello", {}]);
    const letIn = await asked;
    letIn();
    expect(await client.next()).toMatchObject(["1", "1", "lobby", "phx_reply", { status: "ok" }]);
    expect(await client.next()).toMatchObject(["1", "2", "lobby", "phx_reply", { status: "ok" }]);
  });

  it("that middleware refuses is closed with 4403", async () => {
    const { commonroom, wsUrl } = await startServer();
    commonroom.io.use((_socket, next) => next(new Error("not today")));
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
    expect(await client.end()).toMatchObject({ code: 4403, reason: "connection refused" });
  });

  it("is a Socket.IO socket: fetchSockets finds it, with its rooms and handshake", async () => {
    const { commonroom, wsUrl } = await startServer();
    const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0&x=1`);
    client.send(["1", "1", "lobby", "phx_join", {}]);
    await client.next();
    const [socket] = await commonroom.io.in("lobby").fetchSockets();
    expect(socket?.rooms).toContain("lobby");
    expect(socket?.handshake.query).toMatchObject({ x: "1" });
    expect(socket?.handshake.address).toBe("127.0.0.1");
  });
});
