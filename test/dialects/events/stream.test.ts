import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { accept, createCommonroom } from "../../../server/index.ts";
import { openEventSource } from "../../support/event-source.ts";
import { askForEvents, eventsPath, followEvents } from "../../support/event-stream.ts";
import { startServer } from "../../support/server.ts";
import { ask, connectSocketIo } from "../../support/socket-io-client.ts";
import { until } from "../../support/until.ts";

describe("a client that follows a room's events", () => {
  it("gets an answer that goes on, and that no proxy keeps back", async () => {
    const server = await startServer();
    const { response, parser, text } = await followEvents(server, "lobby");
    expect(response.headers).toMatchObject({
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
      "access-control-allow-origin": "*",
    });
    expect(text).toMatch(/^retry: 2000\nevent: phx_reply\ndata: \{"status":"ok",/);
    expect(parser.retryMs).toBe(2000);
    expect(parser.events).toMatchObject([{ type: "phx_reply", lastEventId: "" }]);
  });

  it("gets each event with its name and its payload, and no id where the room keeps no log", async () => {
    const server = await startServer();
    const client = await followEvents(server, "lobby");
    const { io } = server.commonroom;
    io.to("lobby").emit("message", { text: "hi" });
    io.to("lobby").emit(" odd: name", [1, "line\nbreak", null]);
    io.to("lobby").emit("nothing");
    io.to("elsewhere").emit("message", { text: "not here" });
    io.to("lobby").emit("last", "\u2028 é 😀");
    await client.hears("last");
    expect(client.events).toEqual([
      { type: "message", data: '{"text":"hi"}', lastEventId: "" },
      { type: " odd: name", data: '[1,"line\\nbreak",null]', lastEventId: "" },
      { type: "nothing", data: "{}", lastEventId: "" },
      { type: "last", data: '"\u2028 é 😀"', lastEventId: "" },
    ]);
  });

  it("gets a publisher's JSON text as it is, in one line", async () => {
    const server = await startServer();
    const client = await followEvents(server, "lobby");
    const body = '{"room": "lobby", "payload": {"n":\r\n 1.0,\n\n"big": 9007199254740993}}';
    const headers = { "content-type": "application/json" };
    await fetch(`${server.url}/publish`, { method: "POST", headers, body });
    await client.hears("message");
    expect(client.events[0]?.data).toBe('{"n":  1.0, "big": 9007199254740993}');
    expect(client.text.split("\n").filter((line) => line.startsWith("data:"))).toHaveLength(2);
  });

  it("is told of bytes that it cannot get", async () => {
    const server = await startServer();
    const client = await followEvents(server, "lobby");
    server.commonroom.io.to("lobby").emit("photo", Buffer.from([0, 10, 255]));
    await client.hears("phx_undeliverable");
    expect(client.heard).toEqual([
      [
        "phx_undeliverable",
        { event: "photo", bytes: 3, reason: "this connection cannot carry binary payloads" },
      ],
    ]);
  });

  it("gets no event whose name has a line break, which would be several", async () => {
    const server = await startServer();
    const client = await followEvents(server, "lobby");
    server.commonroom.io.to("lobby").emit("a\ndata: {}\n\nevent: b", {});
    server.commonroom.io.to("lobby").emit("last", {});
    await client.hears("last");
    expect(client.heard).toEqual([["last", {}]]);
  });

  it("gets nothing of rooms that server code puts its socket into", async () => {
    const server = await startServer();
    const client = await followEvents(server, "lobby");
    const { io } = server.commonroom;
    io.in("lobby").socketsJoin("other");
    io.to("other").emit("secret", {});
    io.to("lobby").emit("last", {});
    await client.hears("last");
    expect(client.heard).toEqual([["last", {}]]);
  });

  it("is a member that others see, with the meta of its query, until it hangs up", async () => {
    const server = await startServer();
    const native = await connectSocketIo(server.url);
    const diffs: unknown[] = [];
    native.on("presence_diff", (diff) => diffs.push(diff));
    await ask(native, "join", "lobby", {});
    const client = await followEvents(server, "lobby", { query: "?meta[name]=Ann" });
    const isTold = (kind: "joins" | "leaves") =>
      diffs.some((diff) => {
        const told = Object.values(Object(diff)[kind]) as { metas: { name?: string }[] }[];
        return told.some(({ metas }) => metas.some(({ name }) => name === "Ann"));
      });
    await until("the others to see it", () => isTold("joins"));
    expect(isTold("leaves")).toBe(false);
    client.close();
    await until("the others to see it go", () => isTold("leaves"));
  });

  it("is told who is present only where it asks for it", async () => {
    const server = await startServer();
    const asking = await followEvents(server, "lobby", { query: "?presence=1" });
    const silent = await followEvents(server, "lobby");
    await asking.hears("presence_diff");
    server.commonroom.io.to("lobby").emit("last", {});
    await silent.hears("last");
    expect(asking.heard[0]).toEqual(["presence_state", expect.any(Object)]);
    expect(silent.heard).toEqual([["last", {}]]);
  });

  it("gets its join's response and params, where an application's channel serves the room", async () => {
    const server = await startServer();
    const seen: unknown[] = [];
    server.commonroom.channel("room:*", {
      join: (_candidate, params) => {
        seen.push(params);
        return accept(undefined, { welcome: "Ann" });
      },
    });
    const query = "?name=Ann&a[b]=1&token=&presence=1&__proto__=x";
    const { parser } = await followEvents(server, "room:a", { query });
    expect(JSON.parse(parser.events[0]?.data ?? "")).toEqual({
      status: "ok",
      response: { welcome: "Ann" },
    });
    expect(Object.fromEntries(Object.entries(Object(seen[0])))).toEqual(
      Object.fromEntries([
        ["name", "Ann"],
        ["a", { b: "1" }],
        ["__proto__", "x"],
      ]),
    );
  });
});

describe("a client that publishes, too", () => {
  it("is left out by the id of its reply", async () => {
    const server = await startServer();
    const client = await followEvents(server, "lobby");
    const other = await followEvents(server, "lobby");
    const { response } = JSON.parse(client.parser.events[0]?.data ?? "");
    const headers = { "content-type": "application/json" };
    const message = { room: "lobby", payload: { n: 1 }, except: response.id };
    const request = { method: "POST", headers, body: JSON.stringify(message) };
    await fetch(`${server.url}/publish`, request);
    server.commonroom.io.to("lobby").emit("last", {});
    await Promise.all([client.hears("last"), other.hears("last")]);
    expect(client.heard).toEqual([["last", {}]]);
    expect(other.heard).toEqual([
      ["message", { n: 1 }],
      ["last", {}],
    ]);
  });
});

describe("at an application's server", () => {
  it("a room's events are ours where a channel serves the room", async () => {
    const application = createServer((_request, response) => response.writeHead(418).end());
    await new Promise<void>((resolve) => application.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void application.close());
    const commonroom = createCommonroom({ logLevel: "silent" });
    commonroom.channel("room:*", {});
    await commonroom.attach(application);
    onTestFinished(() => commonroom.close());
    const { port } = application.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    const client = await followEvents({ url }, "room:a");
    commonroom.io.to("room:a").emit("hi", {});
    await client.hears("hi");
    expect((await askForEvents({ url }, "other")).status).toBe(418);
  });
});

describe("a real EventSource", () => {
  it("hears a room, and the others no longer count it once it is closed", async () => {
    const server = await startServer();
    const source = await openEventSource(`${server.url}${eventsPath("lobby")}`, ["message", "hi"]);
    const { rooms } = server.commonroom.io.of("/").adapter;
    await until("it to be in", () => rooms.has("lobby"));
    server.commonroom.io.to("lobby").emit("message", { n: 1 });
    server.commonroom.io.to("lobby").emit("hi", { n: 2 });
    await until("both events", () => source.events.length === 2);
    expect(source.events).toEqual([
      { type: "message", data: '{"n":1}', lastEventId: "" },
      { type: "hi", data: '{"n":2}', lastEventId: "" },
    ]);
    source.close();
    await until("it to be gone", () => !rooms.has("lobby"));
  });
});
