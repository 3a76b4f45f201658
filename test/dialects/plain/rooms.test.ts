import { describe, expect, it } from "vitest";
import { connectPhoenix, joinPhoenix } from "../../support/phoenix-client.ts";
import { connectPlain, heardBy, joinPlain } from "../../support/plain-client.ts";
import { connectRaw } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { ask, connectSocketIo } from "../../support/socket-io-client.ts";
import { until } from "../../support/until.ts";

const quiet = { rooms: [{ match: "*", presence: false }] };

describe("a plain client joins", () => {
  it("without a word from the server, and gets the room's messages", async () => {
    const server = await startServer();
    const ann = await connectPlain(server);
    ann.send('{"type": "_join", "room": "lobby"}');
    expect(await heardBy(ann)).toEqual([]);
    const ben = await joinPlain(server, "lobby");
    ben.send('{"text": "h\\u00e9llo", "_room": "lobby"}');
    expect(await ann.next()).toEqual({ text: "héllo", _room: "lobby" });
    expect(await heardBy(ben)).toEqual([]);
  });

  it("with an _id, and is told its name in the room", async () => {
    const server = await startServer();
    const ann = await connectPlain(server);
    ann.send({ type: "_join", room: "lobby", _id: 0 });
    expect(await ann.next()).toEqual({
      _re: 0,
      status: "ok",
      response: { id: expect.stringMatching(/^\S+:lobby:\S+$/) },
    });
  });

  it("at /websocket, where its first frame shows what it speaks", async () => {
    const server = await startServer(quiet);
    for (const first of ['{"type":"_join","room":"a"}', '{"_room":"a"}', '{"type":"_leave"}']) {
      const client = await connectRaw(`${server.wsUrl}/websocket`);
      client.send(first);
      client.send({ type: "_join", room: "lobby", _id: 1 });
      await until("the reply", () =>
        client.received.some((frame) => (frame as { _re?: unknown })._re === 1),
      );
    }
  });

  it("again and again, and the others notice one join", async () => {
    const server = await startServer();
    const witness = connectPhoenix(`${server.wsUrl}/socket`).channel("lobby", {});
    const joins: unknown[] = [];
    witness.on("presence_diff", ({ joins: joined }) => void joins.push(...Object.keys(joined)));
    await joinPhoenix(witness);
    await until("the witness to see itself", () => joins.length === 1);
    const ann = await connectPlain(server);
    for (let n = 0; n < 10; n += 1) ann.send({ type: "_join", room: "lobby", _id: n });
    const replies = await heardBy(ann);
    expect(replies).toHaveLength(10);
    expect(
      new Set(replies.map((reply) => JSON.stringify(reply).replace(/"_re":\d/, ""))).size,
    ).toBe(1);
    await until("the witness to see ann", () => joins.length === 2);
    await joinPlain(server, "lobby");
    await until("the witness to see ben", () => joins.length === 3);
  });

  it("again with other params, and the new join takes the place of the old one", async () => {
    const server = await startServer();
    const ann = await joinPlain(server, "lobby");
    ann.send({ type: "_join", room: "lobby", _id: 2, presence: true, meta: { mood: "new" } });
    const [reply, state] = await heardBy(ann);
    expect(reply).toMatchObject({ _re: 2, status: "ok" });
    expect(state).toMatchObject({ _event: "presence_state", _room: "lobby" });
    const { data } = state as { readonly data: Record<string, { metas: unknown[] }> };
    expect(Object.values(data).flatMap(({ metas }) => metas)).toMatchObject([{ mood: "new" }]);
    expect(server.commonroom.status().rooms).toBe(1);
  });

  it("after it has left, also where the same join comes in one burst with the leave", async () => {
    const server = await startServer(quiet);
    const ann = await joinPlain(server, "lobby");
    ann.send({ type: "_leave", room: "lobby" });
    ann.send({ type: "_join", room: "lobby", _id: "join" });
    expect(await heardBy(ann)).toMatchObject([{ _re: "join", status: "ok" }]);
    const ben = await joinPlain(server, "lobby");
    ben.send({ text: "hi", _room: "lobby" });
    expect(await ann.next()).toEqual({ text: "hi", _room: "lobby" });
  });
});

describe("a plain client leaves", () => {
  it("without a word from the server, and gets nothing more", async () => {
    const server = await startServer(quiet);
    const ann = await joinPlain(server, "lobby");
    const ben = await joinPlain(server, "lobby");
    ann.send('{"type": "_leave", "room": "lobby"}');
    expect(await heardBy(ann)).toEqual([]);
    ben.send({ text: "hi", _room: "lobby" });
    await heardBy(ben);
    expect(await heardBy(ann)).toEqual([]);
  });

  it("a room that it was not in, which is no mistake", async () => {
    const server = await startServer();
    const ann = await connectPlain(server);
    ann.send({ type: "_leave", room: "lobby", _id: "x" });
    expect(await ann.next()).toEqual({ _re: "x", status: "ok", response: {} });
  });
});

describe("the messages of a room", () => {
  it("name their room, and their event where it is not called message", async () => {
    const server = await startServer(quiet);
    const ann = await joinPlain(server, "lobby");
    const native = await connectSocketIo(server.url);
    await ask(native, "join", "lobby", {});
    for (const [event, payload] of [
      ["message", { text: "hi" }],
      ["typing", { user: "ben" }],
      ["message", {}],
      ["typing", {}],
    ]) {
      await ask(native, "push", "lobby", event, payload);
    }
    expect(await heardBy(ann)).toEqual([
      { text: "hi", _room: "lobby" },
      { user: "ben", _event: "typing", _room: "lobby" },
      { _room: "lobby" },
      { _event: "typing", _room: "lobby" },
    ]);
  });

  it.each([[[1, "a"]], [5], ["text"], [null], [true]])("carry %j as data", async (payload) => {
    const server = await startServer(quiet);
    const ann = await joinPlain(server, "lobby");
    const native = await connectSocketIo(server.url);
    await ask(native, "join", "lobby", {});
    await ask(native, "push", "lobby", "message", payload);
    expect(await ann.next()).toEqual({ data: payload, _room: "lobby" });
  });

  it.each([
    { _room: "elsewhere", text: "hi" },
    { _event: "presence_state" },
    { _re: 1, status: "ok", response: {} },
    { type: "_error", code: "token_expired" },
  ])("carry %j as data, so that no member can forge the server's frames", async (payload) => {
    const server = await startServer(quiet);
    const ann = await joinPlain(server, "lobby");
    const native = await connectSocketIo(server.url);
    await ask(native, "join", "lobby", {});
    await ask(native, "push", "lobby", "message", payload);
    expect(await ann.next()).toEqual({ data: payload, _room: "lobby" });
  });

  it("of the type _join are messages where they name a _room and no room", async () => {
    const server = await startServer(quiet);
    const ann = await joinPlain(server, "lobby");
    const ben = await joinPlain(server, "lobby");
    ben.send({ type: "_join", who: "ben", _room: "lobby" });
    expect(await ann.next()).toEqual({ type: "_join", who: "ben", _room: "lobby" });
  });

  it("reach their sender too where the room echoes", async () => {
    const server = await startServer({ rooms: [{ match: "*", presence: false, echo: true }] });
    const ann = await joinPlain(server, "lobby");
    ann.send({ text: "hi", _room: "lobby", _id: 1 });
    expect(await heardBy(ann)).toEqual([
      { text: "hi", _room: "lobby" },
      { _re: 1, status: "ok", response: {} },
    ]);
  });

  it("reach phoenix.js and Socket.IO with their event, and without the fields of this dialect", async () => {
    const server = await startServer(quiet);
    const channel = connectPhoenix(`${server.wsUrl}/socket`).channel("lobby", {});
    const heard: unknown[] = [];
    channel.on("typing", (payload) => void heard.push(payload));
    await joinPhoenix(channel);
    const native = await connectSocketIo(server.url);
    await ask(native, "join", "lobby", {});
    native.on("typing", (...args) => heard.push(args));
    const ann = await joinPlain(server, "lobby");
    ann.send('{"user":"ann","__proto__":1,"_event":"typing","_id":7,"_room":"lobby"}');
    await until("both to hear", () => heard.length === 2);
    const payload = JSON.parse('{"user":"ann","__proto__":1}');
    expect(heard).toContainEqual(payload);
    expect(heard).toContainEqual([payload, { room: "lobby" }]);
  });
});

describe("presence", () => {
  it("is told to those who ask for it, and to nobody else", async () => {
    const server = await startServer();
    const ann = await joinPlain(server, "lobby", { presence: true });
    expect(await ann.next()).toMatchObject({ _event: "presence_state", _room: "lobby" });
    const ben = await joinPlain(server, "lobby", { meta: { name: "ben" } });
    const isBens = (frame: unknown): boolean => JSON.stringify(frame).includes('"name":"ben"');
    await until("ann to see ben", () => ann.received.some(isBens));
    ben.send({ type: "_leave", room: "lobby" });
    await until("ann to see him go", () => ann.received.filter(isBens).length === 2);
    expect(await heardBy(ben)).toEqual([]);
  });

  it("lists people of any id", async () => {
    const server = await startServer({}, { connect: async () => ({ ok: true }) });
    const ann = await joinPlain(server, "lobby", { presence: true, meta: { _room: "x" } });
    const state = (await ann.next()) as { readonly data: object };
    expect(Object.values(state.data)).toMatchObject([{ metas: [{ _room: "x" }] }]);
  });
});

describe("bytes", () => {
  it("come as a binary frame to those who asked for that, and as a notice to the others", async () => {
    const server = await startServer(quiet);
    const ann = await joinPlain(server, "lobby", { binary: true });
    const ben = await joinPlain(server, "lobby");
    const native = await connectSocketIo(server.url);
    await ask(native, "join", "lobby", {});
    await ask(native, "push", "lobby", "message", Buffer.from([0, 10, 255]));
    await ask(native, "push", "lobby", "photo", Buffer.from("x"));
    expect(await heardBy(ann)).toEqual([
      Buffer.concat([Buffer.from('{"_room":"lobby"}\n'), Buffer.from([0, 10, 255])]),
      Buffer.from('{"_event":"photo","_room":"lobby"}\nx'),
    ]);
    expect(await heardBy(ben)).toMatchObject([
      { _event: "phx_undeliverable", event: "message", bytes: 3, _room: "lobby" },
      { _event: "phx_undeliverable", event: "photo", bytes: 1, _room: "lobby" },
    ]);
  });

  it("are sent behind a head that names the room", async () => {
    const server = await startServer(quiet);
    const ann = await joinPlain(server, "lobby");
    const native = await connectSocketIo(server.url);
    await ask(native, "join", "lobby", {});
    const heard: unknown[] = [];
    native.onAny((event, payload) => heard.push([event, payload]));
    ann.send(Buffer.from('{"_room":"lobby","_id":5}\nab\nc'));
    ann.send(Buffer.from('{"_room":"lobby","_event":"photo"}\n'));
    expect(await heardBy(ann)).toEqual([{ _re: 5, status: "ok", response: {} }]);
    await until("both", () => heard.length === 2);
    expect(heard).toEqual([
      ["message", Buffer.from("ab\nc")],
      ["photo", Buffer.alloc(0)],
    ]);
  });
});
