import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { Servers } from "../../server/bus/servers.ts";
import { until } from "../support/until.ts";

/** A node of a cluster that takes connections and says nothing, as one that is stopped does. */
async function startSilentNode() {
  const sockets = new Set<Socket>();
  let taken = 0;
  const server = createServer((socket) => {
    taken += 1;
    sockets.add(socket);
    socket.resume();
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `redis://127.0.0.1:${port}`, sockets, taken: () => taken };
}

describe("the search for a cluster's masters", () => {
  it("ends at once when it is given up, and no connection of it is left", async () => {
    const [first, second] = [await startSilentNode(), await startSilentNode()];
    const servers = new Servers({
      location: { kind: "cluster", urls: [first.url, second.url] },
      onError: () => {},
    });
    const connecting = servers.connect(() => {});
    const ended = expect(connecting).rejects.toThrow();
    await until("the question", () => first.sockets.size + second.sockets.size === 1);
    servers.destroy();
    await ended;
    await until("no connection", () => first.sockets.size + second.sockets.size === 0);
    expect(first.taken() + second.taken()).toBe(1);
    expect(servers.all).toEqual([]);
  });
});
