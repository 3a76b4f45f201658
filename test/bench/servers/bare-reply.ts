import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { listening } from "./listening.ts";
import { serve } from "./serve.ts";

/** The least that a push with its reply over `ws` can cost: parse, answer, encode, send. */
const http = createServer();
new WebSocketServer({ server: http, perMessageDeflate: false }).on("connection", (webSocket) => {
  webSocket.on("message", (data: Buffer) => {
    const frame: unknown = JSON.parse(data.toString());
    if (!Array.isArray(frame)) throw new Error("not a Phoenix frame");
    const [joinRef, ref, topic]: unknown[] = frame;
    const reply = { status: "ok", response: {} };
    webSocket.send(JSON.stringify([joinRef, ref, topic, "phx_reply", reply]));
  });
});
serve({
  port: await listening(http),
  publish: () => {
    throw new Error("this server only answers");
  },
});
