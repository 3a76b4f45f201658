import { describe, expect, it } from "vitest";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";
import { startLogServer, stores } from "./stores.ts";

describe.each(stores)("With a log in %s for every room", (store) => {
  it("a message to one socket alone is kept for nobody, also when the socket is gone", async () => {
    const server = await startLogServer(store, { rooms: [{ match: "*", log: {} }] });
    const { io } = server.commonroom;
    const ann = await connectSocketIo(server.url);
    const ben = await connectSocketIo(server.url);
    const id = String(ann.id);
    const told: unknown[][] = [];
    ann.onAny((...event: unknown[]) => told.push(event));
    io.to(id).emit("secret", { from: "the server" });
    io.of("/").sockets.get(String(ben.id))?.to(id).emit("secret", { from: "another socket" });
    await until("both messages", () => told.length === 2);
    expect(told).toEqual([
      ["secret", { from: "the server" }],
      ["secret", { from: "another socket" }],
    ]);
    ann.disconnect();
    await until("the end of the socket", () => !io.of("/").sockets.has(id));
    io.to(id).emit("secret", { from: "the server, too late" });
    const response = await fetch(`${server.url}/rooms/${id}/log`);
    expect(await response.json()).not.toHaveProperty("entries");
    const heard: unknown[][] = [];
    ben.onAny((...event: unknown[]) => heard.push(event));
    const { response: joined } = await ask(ben, "join", id, { since: 0 });
    expect(joined).not.toHaveProperty("offset");
    await ask(ben, "join", "last", {});
    expect(heard.filter(([event]) => event === "secret")).toEqual([]);
  });
});
