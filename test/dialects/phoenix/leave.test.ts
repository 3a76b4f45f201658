import { describe, expect, it } from "vitest";
import { connectRaw } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";

async function member() {
  const server = await startServer({ rooms: [{ match: "*", presence: false }] });
  const client = await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0`);
  client.send(["3", "3", "room:a", "phx_join", {}]);
  await client.next();
  return { server, client };
}

describe("a leave", () => {
  it("is answered, and phx_close follows", async () => {
    const { client } = await member();
    client.send(["3", "11", "room:a", "phx_leave", {}]);
    expect(await client.next()).toMatchObject(["3", "11", "room:a", "phx_reply", { status: "ok" }]);
    expect(await client.next()).toEqual(["3", "3", "room:a", "phx_close", {}]);
  });

  it("ends what the member hears", async () => {
    const { server, client } = await member();
    client.send(["3", "11", "room:a", "phx_leave", {}]);
    await client.next();
    await client.next();
    server.commonroom.io.to("room:a").emit("late", {});
    client.send([null, "12", "phoenix", "heartbeat", {}]);
    expect(await client.next()).toMatchObject([
      null,
      "12",
      "phoenix",
      "phx_reply",
      { status: "ok" },
    ]);
  });

  it("of a room that was not joined is answered ok, without a close", async () => {
    const { client } = await member();
    client.send(["3", "13", "room:b", "phx_leave", {}]);
    expect(await client.next()).toEqual([
      "3",
      "13",
      "room:b",
      "phx_reply",
      { status: "ok", response: {} },
    ]);
    client.send([null, "14", "phoenix", "heartbeat", {}]);
    expect(await client.next()).toMatchObject([null, "14", "phoenix", "phx_reply", {}]);
  });

  it("with a stale join_ref is ignored", async () => {
    const { client } = await member();
    client.send(["1", "13", "room:a", "phx_leave", {}]);
    client.send(["3", "14", "room:a", "hello", {}]);
    expect(await client.next()).toMatchObject(["3", "14", "room:a", "phx_reply", { status: "ok" }]);
  });

  it("with a null join_ref works", async () => {
    const { client } = await member();
    client.send([null, "13", "room:a", "phx_leave", {}]);
    expect(await client.next()).toMatchObject(["3", "13", "room:a", "phx_reply", { status: "ok" }]);
    expect(await client.next()).toEqual(["3", "3", "room:a", "phx_close", {}]);
  });

  it("and a join in one burst end joined with the new ref: reply, close, reply", async () => {
    const { client } = await member();
    client.send(["3", "4", "room:a", "phx_leave", {}]);
    client.send(["5", "5", "room:a", "phx_join", {}]);
    client.send(["5", "6", "room:a", "hello", {}]);
    expect(await client.next()).toMatchObject(["3", "4", "room:a", "phx_reply", { status: "ok" }]);
    expect(await client.next()).toEqual(["3", "3", "room:a", "phx_close", {}]);
    expect(await client.next()).toMatchObject(["5", "5", "room:a", "phx_reply", { status: "ok" }]);
    expect(await client.next()).toMatchObject(["5", "6", "room:a", "phx_reply", { status: "ok" }]);
  });
});

describe("server code", () => {
  it("that takes a socket out of a room closes its channel", async () => {
    const { server, client } = await member();
    server.commonroom.io.in("room:a").socketsLeave("room:a");
    expect(await client.next()).toEqual(["3", "3", "room:a", "phx_close", {}]);
  });

  it("that disconnects a socket closes the connection with 1001", async () => {
    const { server, client } = await member();
    server.commonroom.io.in("room:a").disconnectSockets(true);
    expect(await client.end()).toMatchObject({ code: 1001 });
  });

  it("reaches a member through a plain io.to(room).emit", async () => {
    const { server, client } = await member();
    server.commonroom.io.to("room:a").emit("hi", { n: 1 });
    server.commonroom.io.to(["elsewhere", "room:a"]).emit("both", { n: 2 });
    server.commonroom.io.to("room:a").emit("bare");
    expect(await client.next()).toEqual([null, null, "room:a", "hi", { n: 1 }]);
    expect(await client.next()).toEqual([null, null, "room:a", "both", { n: 2 }]);
    expect(await client.next()).toEqual([null, null, "room:a", "bare", {}]);
  });

  it("that emits while another emit is under way gives each room its own event", async () => {
    const { server, client } = await member();
    const { io } = server.commonroom;
    client.send(["4", "4", "room:b", "phx_join", {}]);
    await client.next();
    const [socket] = io.of("/").sockets.values();
    socket?.onAnyOutgoing((event: string) => {
      if (event === "outer") io.to("room:b").emit("inner", { n: 2 });
    });
    io.to("room:a").emit("outer", { n: 1 });
    expect(await client.next()).toEqual([null, null, "room:b", "inner", { n: 2 }]);
    expect(await client.next()).toEqual([null, null, "room:a", "outer", { n: 1 }]);
  });
});
