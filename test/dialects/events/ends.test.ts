import { connect, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { accept } from "../../../server/index.ts";
import { openEventSource } from "../../support/event-source.ts";
import { EventSourceProcess } from "../../support/event-source-process.ts";
import { eventsPath, followEvents } from "../../support/event-stream.ts";
import { freePort } from "../../support/redis-server.ts";
import { startServer } from "../../support/server.ts";
import { secret, tokenFor } from "../../support/tokens.ts";
import { until } from "../../support/until.ts";

/** Asks for the room's events on a bare socket. */
function connectTo(port: number): Socket {
  const stream = connect(port, "127.0.0.1");
  onTestFinished(() => void stream.destroy());
  stream.on("error", () => {});
  stream.write(`GET ${eventsPath("lobby")} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  return stream;
}

describe("a stream of events ends", () => {
  it("with phx_error when its token expires", async () => {
    const server = await startServer({ auth: { jwtSecret: secret } });
    const headers = { authorization: `Bearer ${tokenFor("lobby", "ann", 2)}` };
    const client = await followEvents(server, "lobby", { headers });
    expect(await client.ends()).toBe("ended");
    expect(client.heard).toEqual([
      ["phx_error", { reason: "token expired", code: "token_expired" }],
    ]);
  });

  it("with phx_close when server code takes it out of the room", async () => {
    const server = await startServer();
    const client = await followEvents(server, "lobby");
    server.commonroom.io.in("lobby").socketsLeave("lobby");
    expect(await client.ends()).toBe("ended");
    expect(client.events).toEqual([{ type: "phx_close", data: "{}", lastEventId: "closed" }]);
    expect(server.commonroom.io.of("/").sockets.size).toBe(0);
  });

  it("with phx_error when its id is disconnected", async () => {
    const server = await startServer({}, { connect: () => ({ ok: true, id: "ann" }) });
    const client = await followEvents(server, "lobby");
    server.commonroom.disconnect("ann");
    expect(await client.ends()).toBe("ended");
    expect(client.heard).toEqual([
      ["phx_error", { reason: "disconnected by the server", code: "server_disconnect" }],
    ]);
  });

  it("with phx_error when the channel's code for it throws", async () => {
    const server = await startServer();
    server.commonroom.channel("room:*", {
      join: () => accept(undefined),
      intercept: {
        said: () => {
          throw new Error("a fault of the channel's");
        },
      },
    });
    const client = await followEvents(server, "room:a");
    server.commonroom.io.to("room:a").emit("said", {});
    expect(await client.ends()).toBe("ended");
    expect(client.heard).toEqual([
      ["phx_error", { reason: "channel_crash", code: "push_crashed" }],
    ]);
  });

  it("with phx_error when the server stops, which does not wait for it, and may stop twice", async () => {
    const server = await startServer();
    const client = await followEvents(server, "lobby");
    const startedMs = Date.now();
    await Promise.all([server.commonroom.close(), server.commonroom.close()]);
    await server.commonroom.close();
    expect(Date.now() - startedMs).toBeLessThan(2000);
    expect(await client.ends()).toBe("ended");
    expect(client.heard).toEqual([["phx_error", { reason: "server restarting", code: "restart" }]]);
  });

  it("when it is read too slowly, and others go on", async () => {
    const limits = { maxBacklogBytes: 64 * 1024 };
    const server = await startServer({ rooms: [{ match: "*", presence: false }], limits });
    const witness = await followEvents(server, "lobby");
    const { adapter } = server.commonroom.io.of("/");
    const stream = connectTo(server.port);
    stream.pause();
    await until("both to be in", () => adapter.rooms.get("lobby")?.size === 2);
    const text = "x".repeat(16 * 1024);
    let said = 0;
    await until("it to be closed", () => {
      server.commonroom.io.to("lobby").emit("said", { text });
      said += 1;
      return server.commonroom.status().counters.slowReadersClosed === 1;
    });
    await until("it to be gone", () => adapter.rooms.get("lobby")?.size === 1);
    await until("the other to hear all", () => witness.events.length === said);
  }, 20_000);
});

describe("a client that hangs up while it is judged", () => {
  it("is no member, although it was let in", async () => {
    const decisions: ((result: { readonly ok: true }) => void)[] = [];
    const connect = () =>
      new Promise<{ readonly ok: true }>((resolve) => void decisions.push(resolve));
    const server = await startServer({}, { connect });
    const stream = connectTo(server.port);
    await until("the hook to be asked", () => decisions.length === 1);
    stream.destroy();
    const other = followEvents(server, "other");
    // The server has seen the first one go by the time it asks about the second.
    await until("the hook to be asked again", () => decisions.length === 2);
    for (const decide of decisions) decide({ ok: true });
    await other;
    const { rooms, sids } = server.commonroom.io.of("/").adapter;
    expect([rooms.has("lobby"), sids.size]).toEqual([false, 1]);
  });
});

describe("an EventSource", () => {
  it("whose token has expired is told so, and stays away", async () => {
    const server = await startServer({ auth: { jwtSecret: secret } });
    const sources = new EventSourceProcess();
    const open = (token: string) => {
      const url = `${server.url}${eventsPath("lobby")}?token=${token}`;
      return openEventSource(url, ["phx_error"], () => {}, sources);
    };
    // The process takes its time to start, in which the token would expire.
    (await open(tokenFor("lobby"))).close();
    const source = await open(tokenFor("lobby", "ann", 2));
    expect(source.states).toEqual(["open"]);
    await until("it to stay away", () => source.states.at(-1) === "closed", 15_000);
    expect(source.states).toEqual(["open", "connecting", "closed"]);
    expect(source.events[0]?.data).toBe('{"reason":"token expired","code":"token_expired"}');
  }, 20_000);

  it("that was taken out of the room stays away", async () => {
    const server = await startServer();
    const source = await openEventSource(`${server.url}${eventsPath("lobby")}`, ["phx_close"]);
    server.commonroom.io.in("lobby").socketsLeave("lobby");
    await until("it to stay away", () => source.states.at(-1) === "closed", 10_000);
    expect(source.states).toEqual(["open", "connecting", "closed"]);
    expect(source.events).toMatchObject([{ type: "phx_close", data: "{}" }]);
  }, 20_000);

  it("comes back once the server is there again", async () => {
    const port = await freePort();
    const first = await startServer({ port });
    const source = await openEventSource(`${first.url}${eventsPath("lobby")}`, ["phx_error", "hi"]);
    await first.commonroom.close();
    const second = await startServer({ port });
    const { rooms } = second.commonroom.io.of("/").adapter;
    await until("it to be back", () => rooms.has("lobby"), 15_000);
    second.commonroom.io.to("lobby").emit("hi", { n: 1 });
    await until("it to hear", () => source.events.length === 2);
    expect(source.events.map(({ data }) => data)).toEqual([
      '{"reason":"server restarting","code":"restart"}',
      '{"n":1}',
    ]);
    expect(source.states).not.toContain("closed");
  }, 20_000);
});
