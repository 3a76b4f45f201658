import { describe, expect, it } from "vitest";
import { streamOf } from "../../../server/connections/engine-io.ts";
import { startServer } from "../../support/server.ts";
import { ask, connectSocketIo } from "../../support/socket-io-client.ts";
import { until } from "../../support/until.ts";

describe("what Engine.IO and ws do not document, and we rely on,", () => {
  it.each([["websocket"], ["polling", "websocket"]])(
    "is there: the TCP stream of a native connection (%s %s)",
    async (...transports) => {
      const { url, commonroom } = await startServer();
      await connectSocketIo(url, { transports: transports.filter(Boolean) });
      const [socket] = commonroom.io.of("/").sockets.values();
      await until("the stream", () => socket !== undefined && streamOf(socket.conn) !== undefined);
    },
  );

  it("is there: the adapter's apply, wrapped, sees the rooms of a broadcast", async () => {
    const { commonroom } = await startServer();
    const adapter: object = commonroom.io.of("/").adapter;
    expect(Object.hasOwn(adapter, "apply")).toBe(true);
    expect(typeof Reflect.get(Object.getPrototypeOf(adapter), "apply")).toBe("function");
  });

  it("is there: the ready frame of a broadcast, which goes out in one piece", async () => {
    const { url, commonroom } = await startServer();
    const client = await connectSocketIo(url);
    await ask(client, "join", "lobby", {});
    const [socket] = commonroom.io.of("/").sockets.values();
    const frames: unknown[] = [];
    socket?.conn.on("packetCreate", ({ options }: { options: object }) => {
      frames.push(Reflect.get(options, "wsPreEncodedFrame"));
    });
    commonroom.io.to("lobby").emit("hi", { text: "x".repeat(1000) });
    expect(frames).toEqual([[expect.any(Buffer)]]);
  });
});
