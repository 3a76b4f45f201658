import { once } from "node:events";
import { createServer, IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { absenceOf, endWithPeer } from "../../../server/connections/absence.ts";
import { Gate } from "../../../server/connections/gate.ts";
import { allowRequestBy } from "../../../server/connections/native-gate.ts";
import type { Refused } from "../../../server/connections/refused.ts";
import { Turnstile } from "../../../server/turnstile.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { until } from "../../support/until.ts";

/** A gate that lets one client in each second. */
function setUp(maxWaiting = 10) {
  const clock = new ManualClock();
  const turnstile = new Turnstile({ perSec: 1, maxWaiting }, clock);
  const asked: string[] = [];
  const gate = new Gate({
    isOriginAllowed: () => true,
    connect: ({ dialect }) => {
      asked.push(dialect);
      return { ok: true };
    },
    timeoutMs: 60_000,
    clock,
    turnstile,
    onNamed: () => {},
    onCrash: (error) => {
      throw error;
    },
  });
  return { clock, turnstile, gate, asked };
}

const request = (url = "/ws") => Object.assign(new IncomingMessage(new Socket()), { url });
const shown = (dialect: "plain" | "socketio") => ({ dialect, params: {}, token: undefined });
const later = { status: 503, name: "connect_later", close: { code: 1013 } };

describe("the gate, when many come at once", () => {
  it("asks the application only when it is the client's turn", async () => {
    const { clock, gate, asked } = setUp();
    const clients = [1, 2, 3].map(() => gate.ask(request(), shown("plain")));
    await clients[0];
    expect(asked).toEqual(["plain"]);
    clock.advance(1000);
    await clients[1];
    expect(asked).toHaveLength(2);
    clock.advance(1000);
    expect(await Promise.all(clients)).toEqual([undefined, undefined, undefined]);
  });

  it("tells those to come later who come when too many wait", async () => {
    const { clock, gate } = setUp(1);
    const [first, waits, tooMany] = [1, 2, 3].map(() => gate.ask(request(), shown("plain")));
    expect(await tooMany).toMatchObject(later);
    clock.advance(1000);
    expect(await Promise.all([first, waits])).toEqual([undefined, undefined]);
  });

  it("asks nothing about a client that has gone while it waited", async () => {
    const { clock, turnstile, gate, asked } = setUp();
    await gate.ask(request(), shown("plain"));
    const gone = request();
    const answer = gate.ask(gone, shown("plain"));
    expect(turnstile.waiting).toBe(1);
    gone.socket.destroy();
    await answer;
    clock.advance(5000);
    expect(turnstile.waiting).toBe(0);
    expect(asked).toHaveLength(1);
  });

  it("sends all away who wait when the server stops", async () => {
    const { gate } = setUp();
    await gate.ask(request(), shown("plain"));
    const waits = gate.ask(request(), shown("plain"));
    gate.close();
    expect(await waits).toMatchObject({ status: 503, name: "restart" });
  });

  it("counts a native client once: at its handshake, and not when it joins the namespace", async () => {
    const { turnstile, gate } = setUp();
    const refusals: Refused[] = [];
    const answers: unknown[] = [];
    const allowRequest = allowRequestBy(gate, (refused) => refusals.push(refused));
    const come = () =>
      allowRequest(request("/socket.io/?EIO=4&transport=polling"), (...answer) =>
        answers.push(answer),
      );
    come();
    // Engine.IO has its answer in the same turn.
    expect(answers).toEqual([[undefined, true]]);
    await gate.consult(request(), shown("socketio"));
    expect(turnstile.waiting).toBe(0);
    come();
    expect(turnstile.waiting).toBe(1);
    gate.close();
    await until("the answer", () => answers.length === 2);
    expect(answers[1]).toEqual(["server restarting", false]);
    expect(refusals).toMatchObject([{ name: "restart" }]);
  });
});

/** A server that keeps each upgrade waiting until it is told to go on. */
async function startWaiting(): Promise<{
  server: Server;
  port: number;
  streams: Duplex[];
  goOn: () => void;
  opened: WebSocket[];
}> {
  const server = createServer();
  const webSockets = new WebSocketServer({ noServer: true });
  const streams: Duplex[] = [];
  const opened: WebSocket[] = [];
  const releases: (() => void)[] = [];
  server.on("upgrade", (incoming, stream, head) => {
    const endCare = endWithPeer(stream);
    streams.push(stream);
    releases.push(() => {
      endCare();
      webSockets.handleUpgrade(incoming, stream, head, (webSocket) => opened.push(webSocket));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const stream of streams) stream.destroy();
    server.close();
  });
  const goOn = () => {
    for (const release of releases.splice(0)) release();
  };
  const { port } = server.address() as AddressInfo;
  return { server, port, streams, goOn, opened };
}

const upgrade = [
  "GET /ws HTTP/1.1",
  "host: 127.0.0.1",
  "connection: upgrade",
  "upgrade: websocket",
  "sec-websocket-version: 13",
  "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==",
  "\r\n",
].join("\r\n");

describe("an upgrade that waits", () => {
  it("is let go of when its client hangs up in good order", async () => {
    const { port, streams } = await startWaiting();
    const client = connect(port, "127.0.0.1").on("error", () => {});
    client.write(upgrade);
    await until("the upgrade", () => streams.length === 1);
    let hasGivenUp = false;
    absenceOf(streams[0] as Duplex)(() => {
      hasGivenUp = true;
    });
    client.end();
    await until("the wait to end", () => hasGivenUp);
  });

  it("is let go of when its connection breaks, which ends nothing else", async () => {
    const { port, streams } = await startWaiting();
    const client = connect(port, "127.0.0.1").on("error", () => {});
    client.write(upgrade);
    await until("the upgrade", () => streams.length === 1);
    client.resetAndDestroy();
    await until("the wait to end", () => streams[0]?.destroyed);
  });

  it("becomes a WebSocket when its turn has come", async () => {
    const { port, streams, goOn, opened } = await startWaiting();
    const client = new WebSocket(`ws://127.0.0.1:${port}`);
    onTestFinished(() => client.terminate());
    await until("the upgrade", () => streams.length === 1);
    goOn();
    await once(client, "open");
    client.send("hello");
    const [data] = await once(opened[0] as WebSocket, "message");
    expect(String(data)).toBe("hello");
  });

  it("keeps what its client has sent too early", async () => {
    const { port, streams, goOn, opened } = await startWaiting();
    const client = connect(port, "127.0.0.1");
    onTestFinished(() => void client.destroy());
    client.write(upgrade);
    await until("the upgrade", () => streams.length === 1);
    // "early", masked with zeros.
    client.write(Buffer.concat([Buffer.from([0x81, 0x85, 0, 0, 0, 0]), Buffer.from("early")]));
    await until("the frame", () => (streams[0]?.readableLength ?? 0) > 0);
    const messages: string[] = [];
    goOn();
    opened[0]?.on("message", (data) => messages.push(String(data)));
    await until("the message", () => messages.length > 0);
    expect(messages).toEqual(["early"]);
  });
});
