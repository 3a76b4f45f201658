import { connect, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { startNode } from "../support/node-process.ts";
import { until } from "../support/until.ts";

const CLIENTS = 1000;

it("a thousand clients that come back at once are all let in, although the process is busy", async () => {
  const node = await startNode([]);
  const port = Number(new URL(node.url).port);
  node.signal("SIGSTOP");
  const sockets: Socket[] = [];
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  let connected = 0;
  let answered = 0;
  for (let client = 0; client < CLIENTS; client += 1) {
    const socket = connect(port, "127.0.0.1", () => {
      connected += 1;
      socket.write("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    });
    socket.once("data", () => {
      answered += 1;
    });
    sockets.push(socket);
  }
  // The node stands still: where fewer may wait, the others are not connected, however often they try.
  await until("all to wait at the door", () => connected === CLIENTS);
  node.signal("SIGCONT");
  await until("all to be answered", () => answered === CLIENTS, 10_000);
  expect(answered).toBe(CLIENTS);
}, 40_000);
