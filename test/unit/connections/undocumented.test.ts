import { describe, expect, it } from "vitest";
import { streamOf } from "../../../server/connections/engine-io.ts";
import { startServer } from "../../support/server.ts";
import { connectSocketIo } from "../../support/socket-io-client.ts";
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
});
