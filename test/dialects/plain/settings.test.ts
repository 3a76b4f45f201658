import { describe, expect, it } from "vitest";
import { loadSettings } from "../../../server/settings.ts";
import { connectPhoenix, joinPhoenix } from "../../support/phoenix-client.ts";
import { connectPlain, heardBy, joinPlain } from "../../support/plain-client.ts";
import { connectRaw } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { secret, tokenFor } from "../../support/tokens.ts";
import { until } from "../../support/until.ts";

const rooms = [{ match: "*", presence: false }];

describe("[plain]", () => {
  it("acknowledge answers joins and leaves as the document's server does", async () => {
    const server = await startServer({ rooms, plain: { acknowledge: true } });
    const ann = await connectPlain(server);
    ann.send({ type: "_join", room: "lobby" });
    ann.send({ type: "_join", room: "lobby" });
    ann.send({ type: "_leave", room: "lobby" });
    ann.send({ type: "_leave", room: "lobby", _id: 1 });
    ann.send({ type: "_join" });
    expect(await heardBy(ann)).toMatchObject([
      { status: "joined", room: "lobby" },
      { status: "joined", room: "lobby" },
      { status: "left", room: "lobby" },
      { _re: 1, status: "ok" },
      { type: "_error", code: "room_name_invalid" },
    ]);
  });

  it("keep_room = false sends messages without their room", async () => {
    const server = await startServer({ rooms, plain: { keepRoom: false } });
    const ann = await joinPlain(server, "lobby", { binary: true });
    const ben = await joinPlain(server, "lobby");
    ben.send({ text: "hi", _room: "lobby" });
    ben.send({ _room: "lobby" });
    ben.send({ a: 1, _event: "typing", _room: "lobby" });
    ben.send({ type: "_error", _room: "lobby" });
    ben.send(Buffer.from('{"_room":"lobby"}\nx'));
    await heardBy(ben);
    expect(await heardBy(ann)).toEqual([
      { text: "hi" },
      {},
      { a: 1, _event: "typing" },
      { data: { type: "_error" } },
      Buffer.from("{}\nx"),
    ]);
  });

  it('without_room = "echo" sends a message back, as the document\'s server does', async () => {
    const server = await startServer({ rooms, plain: { withoutRoom: "echo" } });
    const ann = await connectPlain(server);
    for (const frame of ['{"text":"hi"}', "Hello", "[1]", "5"]) ann.send(frame);
    ann.send({ a: 1, _id: 9 });
    ann.send(Buffer.from([1, 2]));
    expect(await heardBy(ann)).toEqual([
      { echo: { text: "hi" } },
      "Echo: Hello",
      { echo: [1] },
      { echo: 5 },
      { echo: { a: 1 } },
      { _re: 9, status: "ok", response: {} },
      Buffer.from([1, 2]),
    ]);
  });

  it('without_room = "broadcast" sends a message to every plain client, and to the room everyone', async () => {
    const server = await startServer({ rooms, plain: { withoutRoom: "broadcast" } });
    const channel = connectPhoenix(`${server.wsUrl}/socket`).channel("everyone", {});
    const heard: unknown[] = [];
    channel.on("message", (payload) => void heard.push(payload));
    await joinPhoenix(channel);
    const ann = await connectPlain(server);
    const ben = await connectPlain(server);
    await heardBy(ben);
    ann.send({ text: "hi all", _id: 1 });
    ann.send("Hello");
    expect(await heardBy(ann)).toEqual([{ _re: 1, status: "ok", response: {} }]);
    expect(await heardBy(ben)).toEqual([{ text: "hi all" }, { data: "Hello" }]);
    expect(heard).toEqual([{ text: "hi all" }, "Hello"]);
  });

  it('without_room = "broadcast" asks for a token that covers the room everyone', async () => {
    const auth = { jwtSecret: secret };
    const server = await startServer({ rooms, auth, plain: { withoutRoom: "broadcast" } });
    const ann = await connectPlain(server, `?token=${tokenFor("everyone")}`);
    const ben = await connectPlain(server);
    ben.send({ text: "spam", _id: 1 });
    expect(await heardBy(ben)).toMatchObject([{ _re: 1, response: { code: "room_not_joined" } }]);
    expect(await heardBy(ann)).toEqual([]);
  });

  it.each(["/ws", "/websocket"])(
    'without_room = "broadcast" tells a client at %s when it is in the room everyone no more',
    async (path) => {
      const server = await startServer({ rooms, plain: { withoutRoom: "broadcast" } });
      const ann = await connectRaw(server.wsUrl + path);
      ann.send({ type: "_leave", room: "nobody's room", _id: "shows its dialect" });
      expect(await ann.next()).toMatchObject({ _re: "shows its dialect" });
      await until("the join", () => server.commonroom.status().rooms === 1);
      server.commonroom.io.in("everyone").socketsLeave("everyone");
      expect(await ann.next()).toEqual({ _event: "phx_close" });
      ann.send({ text: "hi", _id: 1 });
      expect(await ann.next()).toMatchObject({ _re: 1, response: { code: "room_not_joined" } });
    },
  );

  it('without_room = "broadcast" with send_without_join = "allow" makes a member push, not visit', async () => {
    const plain = { withoutRoom: "broadcast", sendWithoutJoin: "allow" } as const;
    const server = await startServer({ plain });
    // No application's channel takes what somebody sends who is not in it.
    server.commonroom.channel("everyone", { on: { message: { handle: () => {} } } });
    const ann = await connectPlain(server);
    await until("the join", () => server.commonroom.status().rooms === 1);
    ann.send({ text: "hi", _event: "other", _room: "everyone", _id: 1 });
    expect(await heardBy(ann)).toMatchObject([{ _re: 1, response: { code: "event_unhandled" } }]);
  });

  it('send_without_join = "allow" lets in the messages of those who could join', async () => {
    const auth = { jwtSecret: secret };
    const server = await startServer({ rooms, auth, plain: { sendWithoutJoin: "allow" } });
    const ann = await joinPlain(server, "lobby", { token: tokenFor("lobby") });
    const ben = await connectPlain(server, `?token=${tokenFor("lobby")}`);
    ben.send({ text: "hi", _room: "lobby", _id: 1 });
    ben.send({ text: "hi", _room: "elsewhere" });
    ben.send({ text: "hi", _room: "lobby", _event: "phx_close" });
    expect(await heardBy(ben)).toMatchObject([
      { _re: 1, status: "ok" },
      { code: "room_forbidden", about: "elsewhere" },
      { code: "event_name_reserved", about: "lobby" },
    ]);
    expect(await heardBy(ann)).toEqual([{ text: "hi", _room: "lobby" }]);
    expect(server.commonroom.status().rooms).toBe(1);
  });

  it('send_without_join = "allow" does not reach rooms of an application', async () => {
    const server = await startServer({ plain: { sendWithoutJoin: "allow" } });
    server.commonroom.channel("room:*", {});
    const ann = await connectPlain(server);
    ann.send({ _room: "room:a" });
    ann.send({ _room: "hall" });
    expect(await heardBy(ann)).toMatchObject([
      { code: "room_not_joined" },
      { code: "room_not_joined" },
    ]);
  });

  it("is a table of the settings file", () => {
    const text =
      '[plain]\nacknowledge = true\nkeep_room = false\nwithout_room = "echo"\nsend_without_join = "allow"\n';
    const flags = new Map([["config", "c.toml"]]);
    expect(loadSettings({ flags, environment: {}, readFile: () => text })).toMatchObject({
      options: {
        plain: {
          acknowledge: true,
          keepRoom: false,
          withoutRoom: "echo",
          sendWithoutJoin: "allow",
        },
      },
    });
    expect(
      loadSettings({ flags, environment: {}, readFile: () => '[plain]\nwithout_room = "shout"\n' }),
    ).toMatchObject({ ok: false, problems: [expect.stringContaining("[plain] without_room")] });
  });
});
