import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { Channel, type ChannelTarget } from "../../../client-shim/index.ts";
import { connectPhoenix } from "../../support/phoenix-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { connectSocketIo } from "../../support/socket-io-client.ts";
import { secret, tokenFor } from "../../support/tokens.ts";
import { until } from "../../support/until.ts";
import { connections, connectTo, errorsOf, type Frame, startFake } from "./fake-server.ts";

const ROOM = "log:a";
const logged = { rooms: [{ match: "log:*", log: {} }], auth: { jwtSecret: secret } };
const reconnecting = { autoReconnect: true, reconnectDelay: 0.02 };
const ok = (offset: number, recovered?: boolean) => ({
  response: { offset, epoch: "e", recovered },
});
const refused = { status: "error", response: { code: "token_expired", reason: "no" } };

/** What a fake server says to the joins, one after the other; to all else it says yes. */
function answering(...replies: object[]) {
  return { reply: ({ type }: Frame) => (type === "_join" ? replies.shift() : {}) };
}

/** Which token each join had, and what it said of the log. */
function joins(frames: readonly unknown[]): unknown[] {
  return (frames as Frame[])
    .filter(({ type }) => type === "_join")
    .map(({ token, since, epoch }) => [token, since, epoch]);
}

function numbersFrom(channel: Channel): unknown[] {
  const heard: unknown[] = [];
  channel.on_message((message) => heard.push((message as { readonly n: unknown }).n));
  return heard;
}

type Carrier = [name: string, target: (server: TestServer) => Promise<ChannelTarget>];

const carriers: Carrier[] = [
  ["a WebSocket of its own", async ({ wsUrl }) => `${wsUrl}/ws`],
  ["Socket.IO", ({ url }) => connectSocketIo(url)],
  ["phoenix.js", async ({ wsUrl }) => connectPhoenix(`${wsUrl}/socket`)],
];

describe.each(carriers)("a room with a log, over %s,", (_name, target) => {
  it("that refused a token gives what was missed to a join with a good one", async () => {
    const server = await startServer(logged);
    const channel = new Channel(await target(server), { WebSocket });
    const heard = numbersFrom(channel);
    const errors = errorsOf(channel);
    await channel.connect();
    await channel.join(ROOM, { token: tokenFor(ROOM) });
    const send = (n: number) => server.commonroom.io.to(ROOM).emit("message", { n });
    send(1);
    await until("the message", () => heard.length === 1);
    await expect(channel.join(ROOM, { token: "bad" })).rejects.toMatchObject({
      code: "token_invalid",
    });
    expect(channel.is_in_room(ROOM)).toBe(false);
    for (const n of [2, 3]) send(n);
    const again = await channel.join(ROOM, { token: tokenFor(ROOM, "ann", 1800) });
    expect(again).toMatchObject({ recovered: true, offset: 3 });
    send(4);
    await until("the rest", () => heard.length >= 4);
    expect(heard).toEqual([1, 2, 3, 4]);
    expect(errors).toEqual([]);
    await channel.close();
  });

  it("gives each message once while its token is changed", async () => {
    const server = await startServer(logged);
    const channel = new Channel(await target(server), { WebSocket });
    const heard = numbersFrom(channel);
    await channel.connect();
    await channel.join(ROOM, { token: tokenFor(ROOM) });
    const send = (n: number) => server.commonroom.io.to(ROOM).emit("message", { n });
    const joining = channel.join(ROOM, { token: tokenFor(ROOM, "ann", 1800) });
    // It is on its way to the client while the join is on its way to the server.
    for (const n of [1, 2]) send(n);
    await joining;
    send(3);
    await until("the last", () => heard.includes(3));
    expect(heard).toEqual([1, 2, 3]);
    await channel.close();
  });
});

describe("the place in a room's log", () => {
  it("outlives a rejoin that is refused, and goes with the next token", async () => {
    const fake = await startFake(answering(ok(3), refused, ok(5, true)));
    const channel = await connectTo(fake, reconnecting);
    const errors = errorsOf(channel);
    await channel.join("r", { token: "old" });
    fake.cut();
    await until("the refusal", () => errors.length === 1);
    await channel.join("r", { token: "new" });
    expect(joins(fake.last.received)).toEqual([
      ["old", 3, "e"],
      ["new", 3, "e"],
    ]);
    expect(errors.map(({ code }) => code)).toEqual(["token_expired"]);
  });

  it("outlives the room's end by the server", async () => {
    const fake = await startFake(answering(ok(3), ok(3, true)));
    const channel = await connectTo(fake);
    const errors = errorsOf(channel);
    await channel.join("r", { token: "t" });
    fake.last.send({ _event: "phx_close", _room: "r" });
    await until("the end", () => errors.length === 1);
    await channel.join("r", { token: "t" });
    expect(joins(fake.last.received)[1]).toEqual(["t", 3, "e"]);
  });

  it("is forgotten with a leave, also of a room that refused", async () => {
    const fake = await startFake(answering(ok(3), refused, ok(7)));
    const channel = await connectTo(fake);
    const errors = errorsOf(channel);
    await channel.join("r", { token: "old" });
    await expect(channel.join("r", { token: "bad" })).rejects.toThrow("no");
    await channel.leave("r");
    await channel.join("r", { token: "new" });
    expect(joins(fake.last.received)[2]).toEqual(["new", undefined, undefined]);
    expect(errors).toEqual([]);
  });

  it("is no more than offset and epoch: each join has the token that it was given", async () => {
    const fake = await startFake(answering(ok(3, true), ok(3, true), ok(3, true)));
    const channel = await connectTo(fake, reconnecting);
    await channel.join("r", { token: "old", since: 1 });
    await channel.join("r", { token: "new" });
    fake.cut();
    await connections(fake, 2);
    await until("the rejoin", () => fake.last.received.length === 1);
    const all = fake.connections.flatMap(({ received }) => joins(received));
    expect(all).toEqual([
      ["old", 1, undefined],
      ["new", 1, "e"],
      ["new", 1, "e"],
    ]);
  });

  it("is where the params of a join say, and counts on from there", async () => {
    const fake = await startFake(answering(ok(9), ok(9, true), ok(9, true)));
    const channel = await connectTo(fake, reconnecting);
    await channel.join("r");
    await channel.join("r", { since: 2 });
    fake.last.send({ n: 1, _room: "r", _offset: 3 });
    const heard = numbersFrom(channel);
    await until("the message", () => heard.length === 1);
    fake.cut();
    await connections(fake, 2);
    await until("the rejoin", () => fake.last.received.length === 1);
    const all = fake.connections.flatMap(({ received }) => joins(received));
    expect(all.slice(1)).toEqual([
      [undefined, 2, undefined],
      [undefined, 3, "e"],
    ]);
  });

  it("is told as history_lost where a join with another token finds it gone", async () => {
    const fake = await startFake(answering(ok(3), refused, ok(9, false)));
    const channel = await connectTo(fake);
    const errors = errorsOf(channel);
    await channel.join("r", { token: "old" });
    await expect(channel.join("r", { token: "bad" })).rejects.toThrow("no");
    await channel.join("r", { token: "new" });
    expect(errors).toMatchObject([{ name: "ChannelError", code: "history_lost", room: "r" }]);
  });
});
