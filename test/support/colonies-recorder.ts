import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import { ColoniesClient } from "../../examples/colonies-stream/colonies-client/index.ts";

/** What stands in for a server of processes: it keeps what it is sent, and answers as it is told. */
export interface Recorder {
  readonly client: ColoniesClient;
  /** Bodies of `POST /api` and frames to `/pubsub`, in the order in which they came. */
  readonly received: readonly string[];
  /** The next answers; `{}` by default. */
  readonly answers: Answer[];
}

/** An answer to a request. */
interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The reply of a server. */
export function replyText(inner: unknown, error = false): string {
  const payload = Buffer.from(JSON.stringify(inner)).toString("base64");
  return JSON.stringify({ payloadtype: "any", payload, error });
}

/** Starts a recorder, and a client of it; it ends with the test. */
export async function startRecorder(): Promise<Recorder> {
  const received: string[] = [];
  const answers: Answer[] = [];
  const nextAnswer = () => answers.shift() ?? { status: 200, text: replyText({}) };
  const server = createServer(async (request, response) => {
    received.push(await bodyOf(request));
    const { status, text } = nextAnswer();
    response.writeHead(status).end(text);
  });
  const sockets = new WebSocketServer({ server, path: "/pubsub" });
  sockets.on("connection", (socket) => {
    socket.on("message", (data) => {
      received.push(data.toString());
      socket.send(nextAnswer().text);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    for (const socket of sockets.clients) socket.terminate();
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  });
  const { port } = server.address() as AddressInfo;
  return { client: new ColoniesClient({ host: "127.0.0.1", port }), received, answers };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}
