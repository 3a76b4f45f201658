import { connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { connectRaw } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { until } from "../../support/until.ts";

/** A short text frame of a client, with a mask of zeros. */
function maskedFrame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 + text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

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

  it("whose upgrade brings many frames at once has them handled in order, without a warning", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    onTestFinished(() => void process.off("warning", onWarning));
    const { port } = await startServer();
    const stream = connect(port, "127.0.0.1");
    let answer = "";
    stream.on("data", (chunk: Buffer) => {
      answer += chunk.toString("latin1");
    });
    const frames = Array.from({ length: 40 }, (_, n) =>
      maskedFrame(`[null,"${n}","phoenix","heartbeat",{}]`),
    );
    const head = [
      "GET /websocket?vsn=2.0.0 HTTP/1.1",
      "host: a",
      "connection: upgrade",
      "upgrade: websocket",
      "sec-websocket-version: 13",
      "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
    ];
    stream.write(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), ...frames]));
    await until("the last reply", () => answer.includes('[null,"39"'));
    stream.destroy();
    const refs = [...answer.matchAll(/\[null,"(\d+)"/g)].map(([, ref]) => Number(ref));
    expect(refs).toEqual(Array.from({ length: 40 }, (_, n) => n));
    expect(warnings).toEqual([]);
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
