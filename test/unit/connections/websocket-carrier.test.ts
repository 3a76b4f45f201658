import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { Batch } from "../../../server/connections/batch.ts";
import { Message } from "../../../server/connections/message.ts";
import { WebSocketCarrier } from "../../../server/connections/websocket-carrier.ts";

function setUp() {
  const written: Buffer[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      written.push(chunk);
      done();
    },
  });
  const webSocket: { readyState: number } = { readyState: WebSocket.OPEN };
  const carrier = new WebSocketCarrier(webSocket as WebSocket, stream as never, {
    batch: new Batch(),
    maxBacklogBytes: 1000,
    onSlowReader: () => {},
    onGone: () => {},
  });
  return { carrier, webSocket, written };
}

describe("a WebSocket carrier", () => {
  it("writes the messages of a turn at its end, together", async () => {
    const { carrier, written } = setUp();
    carrier.send(new Message("a"));
    carrier.send(new Message("b"));
    expect(written).toEqual([]);
    await new Promise(setImmediate);
    expect(written).toHaveLength(1);
    expect(written[0]?.toString("latin1")).toBe("\u0081\u0001a\u0081\u0001b");
  });

  it("writes nothing behind a close frame", async () => {
    const { carrier, webSocket, written } = setUp();
    carrier.send(new Message("a"));
    webSocket.readyState = WebSocket.CLOSING;
    await new Promise(setImmediate);
    expect(written).toEqual([]);
  });
});
