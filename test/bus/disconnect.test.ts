import { describe, expect, it } from "vitest";
import type { CommonroomOptions, ConnectHook } from "../../server/index.ts";
import { connectRaw } from "../support/raw-client.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until, within } from "../support/until.ts";

const connect: ConnectHook = ({ params }) => {
  const user = params["user"];
  return { ok: true, id: typeof user === "string" ? user : undefined };
};

const phoenix = ({ wsUrl }: TestServer, user: string, vsn = "2.0.0") =>
  connectRaw(`${wsUrl}/websocket?vsn=${vsn}&user=${user}`);

/** A native client, and what ends it. */
async function native({ url }: TestServer, user: string, transport = "websocket") {
  const auth = { user };
  const options = { auth, transports: [transport], reconnection: false };
  const client = await connectSocketIo(url, options);
  const ended = new Promise((resolve) => client.on("disconnect", resolve));
  return { client, ended };
}

async function longPoll({ url }: TestServer, user: string) {
  const address = `${url}/websocket/longpoll?vsn=2.0.0&user=${user}`;
  const poll = async (query: string) => {
    const response = await fetch(address + query);
    return (await response.json()) as { status: number; token: string };
  };
  const { token } = await poll("");
  return { token, poll: () => poll(`&token=${token}`) };
}

/** Everybody of every dialect, on one node. */
async function connectAll(server: TestServer) {
  const v2 = await phoenix(server, "ann");
  const v1 = await phoenix(server, "ann", "1.0.0");
  const socketIo = await native(server, "ann");
  const polling = await native(server, "ann", "polling");
  const phoenixPolling = await longPoll(server, "ann");
  const other = await phoenix(server, "bob");
  const nobody = await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0`);
  return { v1, v2, socketIo, polling, phoenixPolling, other, nobody };
}

async function expectDisconnected(all: Awaited<ReturnType<typeof connectAll>>): Promise<void> {
  const goodbye = { code: 1001, reason: "disconnected by the server" };
  expect(await all.v2.end()).toEqual(goodbye);
  expect(await all.v1.end()).toEqual(goodbye);
  await within("the Socket.IO client's end", all.socketIo.ended);
  await within("the polling client's end", all.polling.ended);
  const poll = await all.phoenixPolling.poll();
  expect(poll.status).toBe(410);
  for (const client of [all.other, all.nobody]) {
    client.send([null, "1", "phoenix", "heartbeat", {}]);
    expect(await client.next()).toMatchObject({ 3: "phx_reply" });
  }
}

async function twoNodes(options: CommonroomOptions = {}) {
  const redis = await startRedis();
  const all = { redisUrl: redis.url, ...options };
  const first = await startServer(all, { connect });
  const second = await startServer(all, { connect });
  return { first, second, backend: await connectBackend(redis.url) };
}

describe("disconnect by id", () => {
  it("closes the id's connections of every dialect with 1001, and nobody else's", async () => {
    const server = await startServer({}, { connect });
    const all = await connectAll(server);
    all.v2.send(["1", "1", "a", "phx_join", {}]);
    all.v2.send(["2", "2", "b", "phx_join", {}]);
    await until("the joins", () => server.commonroom.status().rooms === 2);
    server.commonroom.disconnect("ann");
    await expectDisconnected(all);
    expect(server.commonroom.status().rooms).toBe(0);
    // No frames of its channels: the close says it all.
    expect(JSON.stringify(all.v2.received)).not.toContain("phx_close");
    server.commonroom.disconnect("ann");
    server.commonroom.disconnect("nobody");
  });

  it("reaches every node", async () => {
    const { first, second } = await twoNodes();
    const [here, there] = [await connectAll(first), await connectAll(second)];
    first.commonroom.disconnect("ann");
    await expectDisconnected(here);
    await expectDisconnected(there);
  });

  it("reaches every node when a backend publishes to:<id>:disconnect", async () => {
    const { first, second, backend } = await twoNodes();
    const [here, there] = [await connectAll(first), await connectAll(second)];
    await backend.publish("to:ann:disconnect", "{}");
    await expectDisconnected(here);
    await expectDisconnected(there);
    expect(first.commonroom.status().counters.busMessagesRefused).toBe(0);
  });

  it("takes ids with colons and blanks, and other events of that name disconnect nobody", async () => {
    const { first, backend } = await twoNodes();
    const id = "users_socket:7 a";
    const client = await phoenix(first, encodeURIComponent(id));
    await backend.publish(`to:${id}:other`, "{}");
    client.send([null, "1", "phoenix", "heartbeat", {}]);
    expect(await client.next()).toMatchObject({ 3: "phx_reply" });
    await backend.publish(`to:${id}:disconnect`, "{}");
    expect((await client.end()).code).toBe(1001);
  });

  it("is nothing that a client can say, and its rooms are none that a client can join", async () => {
    const server = await startServer({}, { connect });
    const victim = await phoenix(server, "ann");
    const { client } = await native(server, "eve");
    const reply = await ask(client, "join", "\u0000id:ann", {});
    expect(reply).toMatchObject({ status: "error", response: { code: "room_name_invalid" } });
    expect(await ask(client, "join", "ann", {})).toMatchObject({ status: "ok" });
    const push = await ask(client, "push", "ann", "disconnect", {});
    expect(push).toMatchObject({ status: "error", response: { code: "event_name_reserved" } });
    expect(victim.isOpen).toBe(true);
  });
});
