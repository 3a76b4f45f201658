import { describe, expect, it, onTestFinished } from "vitest";
import { connectPhoenix, joinPhoenix } from "../support/phoenix-client.ts";
import { heardBy, joinPlain } from "../support/plain-client.ts";
import type { RawClient } from "../support/raw-client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { secret, tokenFor } from "../support/tokens.ts";
import { until } from "../support/until.ts";
import { roomClientKinds } from "./kinds.ts";
import type { OpenOptions, RoomClient, RoomClientKind } from "./room-client.ts";

const quiet = { rooms: [{ match: "*", presence: false }] };
const comingBack: OpenOptions = { autoReconnect: true, reconnectDelay: 0.1 };
const MANY = 1000;
const CUT_MS = 5000;
/** A page with Pyodide takes a while to load on a busy machine. */
const TIMEOUT_MS = 60_000;

async function open(kind: RoomClientKind, url: string, options?: OpenOptions): Promise<RoomClient> {
  const client = await kind.open(url, options);
  onTestFinished(() => client.stop());
  return client;
}

/** A connected client of a server. */
async function connected(
  kind: RoomClientKind,
  server: TestServer,
  options?: OpenOptions,
): Promise<RoomClient> {
  const client = await open(kind, server.wsUrl, options);
  await client.connect();
  return client;
}

/** The texts of a room's messages, as its handlers or the general ones got them. */
async function texts(client: RoomClient, via: "room" | "all", room?: string): Promise<unknown[]> {
  const heard = await client.heard();
  return heard
    .filter((each) => each.via === via && (room === undefined || each.room === room))
    .map(({ message }) => (message as { readonly text?: unknown }).text);
}

/** The texts of what a member without a library got. */
function textsOf(witness: RawClient): unknown[] {
  return witness.received.map((frame) => (frame as { readonly text?: unknown }).text);
}

function numbered(word: string, count: number): { readonly text: string }[] {
  return Array.from({ length: count }, (_, index) => ({ text: `${word} ${index}` }));
}

describe.each(roomClientKinds)("a room client, $name,", (kind) => {
  it(
    "joins before it is connected, and is in the room once it is",
    async () => {
      const server = await startServer(quiet);
      const client = await open(kind, server.wsUrl);
      const joining = client.join("lobby");
      await client.listen("lobby");
      await client.connect();
      expect(await joining).toMatchObject({ id: expect.stringContaining(":lobby:") });
      expect(await client.rooms()).toEqual(["lobby"]);
      const witness = await joinPlain(server, "lobby");
      witness.send({ text: "hi", _room: "lobby" });
      await until("to hear", async () => (await client.heard()).length === 2);
      expect(await client.heard()).toEqual([
        { via: "room", room: "lobby", event: "message", message: { text: "hi" } },
        { via: "all", room: "lobby", event: "message", message: { text: "hi" } },
      ]);
    },
    TIMEOUT_MS,
  );

  it("hears phoenix.js, Socket.IO and plain members, and is heard by them", async () => {
    const server = await startServer(quiet);
    const client = await connected(kind, server);
    await client.join("lobby");
    const heard: unknown[] = [];
    const channel = connectPhoenix(`${server.wsUrl}/socket`).channel("lobby", {});
    channel.on("message", (payload) => void heard.push(payload));
    await joinPhoenix(channel);
    const native = await connectSocketIo(server.url);
    native.on("message", (payload) => heard.push(payload));
    await ask(native, "join", "lobby", {});
    const plain = await joinPlain(server, "lobby");
    await client.send({ text: "from the client" }, "lobby");
    await until("both to hear", () => heard.length === 2);
    expect(await plain.next()).toEqual({ text: "from the client", _room: "lobby" });
    channel.push("message", { text: "phoenix" });
    await ask(native, "push", "lobby", "typing", { text: "native" });
    plain.send({ text: "plain", _room: "lobby" });
    await until("to hear all", async () => (await client.heard()).length === 3);
    const got = (await client.heard()).map(({ event, message }) => ({ event, message }));
    expect(got).toHaveLength(3);
    expect(got).toEqual(
      expect.arrayContaining([
        { event: "message", message: { text: "phoenix" } },
        { event: "typing", message: { text: "native" } },
        { event: "message", message: { text: "plain" } },
      ]),
    );
  });

  it("is refused a room with the reason and the code, and is not in it", async () => {
    const server = await startServer({ ...quiet, auth: { jwtSecret: secret } });
    const client = await connected(kind, server);
    await expect(client.join("lobby")).rejects.toMatchObject({
      name: "ChannelMessageError",
      message: "token missing",
      code: "token_missing",
    });
    const token = tokenFor("elsewhere");
    await expect(client.join("lobby", { token })).rejects.toMatchObject({
      code: "room_forbidden",
    });
    expect(await client.rooms()).toEqual([]);
    await client.join("lobby", { token: tokenFor("lobby") });
    expect(await client.rooms()).toEqual(["lobby"]);
  });

  it("is in two rooms, and leaves and rejoins one of them", async () => {
    const server = await startServer(quiet);
    const client = await connected(kind, server);
    await client.listen("a");
    await client.listen("b");
    await client.join("a");
    await client.join("b");
    const witnesses = [await joinPlain(server, "a"), await joinPlain(server, "b")] as const;
    const say = async (text: string): Promise<void> => {
      for (const [index, room] of ["a", "b"].entries()) {
        witnesses[index as 0 | 1].send({ text: `${room} ${text}`, _room: room });
        await heardBy(witnesses[index as 0 | 1]);
      }
    };
    await say("1");
    await until("both", async () => (await texts(client, "all")).length === 2);
    await client.leave("a");
    expect(await client.rooms()).toEqual(["b"]);
    await say("2");
    await until("the one", async () => (await texts(client, "all")).length === 3);
    await client.join("a");
    await client.listen("a");
    await say("3");
    await until("both again", async () => (await texts(client, "all")).length === 5);
    expect(await texts(client, "room", "a")).toEqual(["a 1", "a 3"]);
    expect(await texts(client, "room", "b")).toEqual(["b 1", "b 2", "b 3"]);
  });

  it("joins again and again, and the others see one join", async () => {
    const server = await startServer();
    const witness = await joinPlain(server, "lobby", { presence: true });
    const client = await connected(kind, server);
    await Promise.all([client.join("lobby"), client.join("lobby"), client.join("lobby")]);
    await client.join("lobby");
    const diffs = (word: "joins" | "leaves"): number =>
      witness.received.flatMap((frame) => {
        const { _event, data } = frame as { _event?: string; data?: Record<string, object> };
        return _event === "presence_diff" ? Object.keys(data?.[word] ?? {}) : [];
      }).length;
    // The witness's own join is told too.
    await until("it to be seen", () => diffs("joins") === 2);
    await client.leave("lobby");
    await until("it to be gone", () => diffs("leaves") === 1);
    expect(diffs("joins")).toBe(2);
  });

  it(
    `sends and hears ${MANY} messages in order`,
    async () => {
      const server = await startServer(quiet);
      const client = await connected(kind, server);
      await client.join("lobby");
      const witness = await joinPlain(server, "lobby");
      for (const message of numbered("to", MANY)) witness.send({ ...message, _room: "lobby" });
      for (const message of numbered("from", MANY)) await client.send(message, "lobby");
      await until("the client to hear", async () => (await client.heard()).length === MANY, 20_000);
      await until("the witness to hear", () => textsOf(witness).length === MANY + 1, 20_000);
      expect(await texts(client, "all")).toEqual(numbered("to", MANY).map(({ text }) => text));
      expect(textsOf(witness).slice(1)).toEqual(numbered("from", MANY).map(({ text }) => text));
    },
    TIMEOUT_MS,
  );

  it("has its pushes answered, or refused with reason and code", async () => {
    const server = await startServer(quiet);
    const client = await connected(kind, server);
    await client.join("lobby");
    expect(await client.push("lobby", "shout", { text: "hi" })).toEqual({});
    await expect(client.push("lobby", "phx_close", {})).rejects.toMatchObject({
      name: "ChannelMessageError",
      code: "event_name_reserved",
    });
    await expect(client.push("elsewhere", "shout", {})).rejects.toMatchObject({
      code: "room_not_joined",
    });
  });

  it("tells its error handlers of a message that the server refuses", async () => {
    const server = await startServer(quiet);
    const client = await connected(kind, server);
    await client.send({ text: "hi" }, "elsewhere");
    await until("the error", async () => (await client.errors()).length === 1);
    expect(await client.errors()).toMatchObject([
      { name: "ChannelMessageError", code: "room_not_joined" },
    ]);
    expect(await client.state()).toBe("open");
  });

  it("sends and hears bytes", async () => {
    const server = await startServer(quiet);
    const client = await connected(kind, server);
    await client.join("lobby");
    const witness = await joinPlain(server, "lobby", { binary: true });
    await client.send(new Uint8Array([0, 10, 255]), "lobby");
    expect(await witness.next()).toEqual(
      Buffer.concat([Buffer.from('{"_room":"lobby"}\n'), Buffer.from([0, 10, 255])]),
    );
    witness.send(Buffer.from('{"_room":"lobby","_event":"photo"}\nabc'));
    await until("to hear", async () => (await client.heard()).length === 1);
    expect(await client.heard()).toEqual([
      { via: "all", room: "lobby", event: "photo", message: new Uint8Array(Buffer.from("abc")) },
    ]);
  });

  it("hears who is present if it asks, and nothing of it if not", async () => {
    const server = await startServer();
    const asking = await connected(kind, server);
    const silent = await connected(kind, server);
    await silent.join("lobby");
    await asking.join("lobby", { presence: true, meta: { name: "ann" } });
    const state = await until("the presences", async () =>
      (await asking.heard()).find(({ event }) => event === "presence_state"),
    );
    expect(JSON.stringify(state.message)).toContain('"name":"ann"');
    expect(Object.keys(state.message as object)).toHaveLength(2);
    await asking.send({ text: "hi" }, "lobby");
    await until("the message", async () => (await silent.heard()).length > 0);
    expect((await silent.heard()).map(({ event }) => event)).toEqual(["message"]);
  });

  it("gives payloads that are no objects as data", async () => {
    const server = await startServer(quiet);
    const client = await connected(kind, server);
    await client.join("lobby");
    const native = await connectSocketIo(server.url);
    await ask(native, "join", "lobby", {});
    await ask(native, "push", "lobby", "message", [1, "a"]);
    await until("to hear", async () => (await client.heard()).length === 1);
    expect((await client.heard())[0]?.message).toEqual({ data: [1, "a"] });
    const witness = await joinPlain(server, "lobby");
    await client.send([1, 2], "lobby");
    await client.send("plain text", "lobby");
    expect(await witness.next()).toEqual({ data: [1, 2], _room: "lobby" });
    expect(await witness.next()).toEqual({ message: "plain text", _room: "lobby" });
  });

  it(
    "comes back after the server was restarted, rejoins, and sends what waited",
    async () => {
      const first = await startServer(quiet);
      const client = await connected(kind, first, comingBack);
      await client.join("lobby");
      await first.commonroom.close();
      await until("it to notice", async () => (await client.state()) !== "open");
      await client.send({ text: "while away" }, "lobby");
      const second = await startServer({ ...quiet, port: first.port });
      const witness = await joinPlain(second, "lobby");
      const { rooms } = second.commonroom.io.of("/").adapter;
      await until("it to rejoin", () => rooms.get("lobby")?.size === 2, 15_000);
      await until("its message", () => textsOf(witness).includes("while away") || undefined).catch(
        () => {
          throw new Error(`not delivered: ${JSON.stringify(witness.received)}`);
        },
      );
      witness.send({ text: "welcome back", _room: "lobby" });
      await until("to hear", async () => (await texts(client, "all")).includes("welcome back"));
      expect(await client.rooms()).toEqual(["lobby"]);
    },
    TIMEOUT_MS,
  );

  it("stays away once it was closed, and can connect again", async () => {
    const server = await startServer(quiet);
    const client = await connected(kind, server, comingBack);
    await client.join("lobby");
    await client.close();
    expect(await client.state()).toBe("closed");
    await until("it to be gone", () => server.commonroom.status().rooms === 0);
    await client.connect();
    await until("it to be back", () => server.commonroom.status().rooms === 1);
    expect(await client.rooms()).toEqual(["lobby"]);
  });
});

/** What a witness in the room got of a client that was cut off for a while. */
async function sendThroughCut(kind: RoomClientKind, server: TestServer): Promise<unknown[]> {
  const proxy = await TcpProxy.start(server.port);
  const client = await open(kind, `ws://127.0.0.1:${proxy.port}`, comingBack);
  // A room of its own, so that all may use one server.
  const room = kind.name;
  await client.connect();
  await client.join(room);
  const witness = await joinPlain(server, room);
  await client.send({ text: "before" }, room);
  expect(await witness.next()).toMatchObject({ text: "before" });
  proxy.cut();
  await until("it to notice", async () => (await client.state()) !== "open", 15_000);
  const cutAtMs = Date.now();
  for (const message of numbered("waiting", 50)) await client.send(message, room);
  await until("the cut to be over", () => Date.now() - cutAtMs > CUT_MS, CUT_MS + 5000);
  proxy.restore();
  await until("the last one", () => textsOf(witness).includes("waiting 49"), 45_000);
  await client.send({ text: "after" }, room);
  await until("the one after", () => textsOf(witness).includes("after"), 15_000);
  return textsOf(witness).slice(1);
}

describe("messages of all room clients through a cut of five seconds", () => {
  // One test: what tests that run at the same time clean up is mixed up.
  it("arrive in order and once", async () => {
    const server = await startServer(quiet);
    const got = roomClientKinds.map((kind) => sendThroughCut(kind, server));
    const waited = numbered("waiting", 50).map(({ text }) => text);
    for (const [index, texts] of (await Promise.all(got)).entries()) {
      expect(texts, roomClientKinds[index]?.name).toEqual(["before", ...waited, "after"]);
    }
  }, 120_000);
});
