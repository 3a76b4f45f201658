import { describe, expect, it } from "vitest";
import { ChannelMessageError } from "../../../client-shim/index.ts";
import { until } from "../../support/until.ts";
import {
  connections,
  connectTo,
  errorsOf,
  type Frame,
  openChannel,
  startFake,
} from "./fake-server.ts";
import { TestClock } from "./test-clock.ts";

const reconnecting = { autoReconnect: true, reconnectDelay: 0.02 };
const refused = (code: string, reason = "no") => ({ status: "error", response: { code, reason } });

/** The rooms of the joins and leaves that a connection has brought, in order. */
function requests(frames: readonly unknown[]): string[] {
  return (frames as Frame[])
    .filter(({ type }) => type === "_join" || type === "_leave")
    .map(({ type, room }) => `${type} ${room}`);
}

describe("join", () => {
  it("sends its params, asks for bytes, and resolves with the response", async () => {
    const fake = await startFake({ reply: () => ({ id: "K3:r:1" }) });
    const channel = await connectTo(fake);
    const params = { token: "t", meta: { name: "ann" }, presence: true };
    expect(await channel.join("r", params)).toEqual({ id: "K3:r:1" });
    expect(fake.last.received).toEqual([
      { type: "_join", room: "r", ...params, binary: true, _id: expect.any(String) },
    ]);
    expect([channel.is_in_room("r"), channel.get_rooms()]).toEqual([true, ["r"]]);
  });

  it("is not fooled by params that are called like its own keys", async () => {
    const fake = await startFake();
    const channel = await connectTo(fake);
    await channel.join("r", { type: "_leave", room: "x", _id: 5, binary: false });
    expect(fake.last.received).toMatchObject([{ type: "_join", room: "r", binary: true }]);
  });

  it("rejects with reason and code, and is in no room then", async () => {
    const fake = await startFake({ reply: () => refused("room_forbidden", "not yours") });
    const channel = await connectTo(fake);
    const errors = errorsOf(channel);
    const joining = channel.join("r");
    await expect(joining).rejects.toThrow(ChannelMessageError);
    await expect(joining).rejects.toMatchObject({
      name: "ChannelMessageError",
      message: "not yours",
      code: "room_forbidden",
      room: "r",
    });
    expect(channel.get_rooms()).toEqual([]);
    expect(errors).toEqual([]);
  });

  it("of a room that is joined sends nothing, unless its params differ", async () => {
    const replies: object[] = [];
    const reply = (): object => ({ count: replies.push({}) });
    const fake = await startFake({ reply });
    const channel = await connectTo(fake);
    const params = { meta: { a: 1 } };
    const first = await Promise.all([channel.join("r", params), channel.join("r", params)]);
    expect(await channel.join("r", { meta: { a: 1 } })).toEqual(first[0]);
    expect(await channel.join("r")).toEqual(first[0]);
    expect(fake.last.received).toHaveLength(1);
    expect(await channel.join("r", { meta: { a: 2 } })).toMatchObject({ count: 2 });
    expect(fake.last.received).toHaveLength(2);
  });

  it("with other params takes the place of one that waits", async () => {
    const fake = await startFake();
    const channel = openChannel(fake.url);
    const first = channel.join("r", { token: "old" });
    const second = channel.join("r", { token: "new" });
    await channel.connect();
    expect(await first).toEqual(await second);
    expect(fake.last.received).toMatchObject([{ token: "new" }]);
  });

  it("with other params that is refused ends the membership", async () => {
    const fake = await startFake({
      reply: ({ token }) => (token === "bad" ? refused("token_invalid") : {}),
    });
    const channel = await connectTo(fake);
    await channel.join("r", { token: "good" });
    await expect(channel.join("r", { token: "bad" })).rejects.toThrow("no");
    expect(channel.get_rooms()).toEqual([]);
  });

  it("before the connection is sent once, at the open, before what is queued", async () => {
    const fake = await startFake();
    const channel = openChannel(fake.url, { autoReconnect: true });
    await channel.send({ n: 1 }, "b");
    const joins = [channel.join("b"), channel.join("a"), channel.join("b")];
    expect(channel.get_rooms()).toEqual(["b", "a"]);
    await channel.connect();
    await Promise.all(joins);
    expect(fake.last.received).toMatchObject([
      { type: "_join", room: "b" },
      { type: "_join", room: "a" },
      { n: 1, _room: "b" },
    ]);
  });

  it("without any connection rejects in time, and is made up for at the next one", async () => {
    const fake = await startFake();
    const clock = new TestClock();
    const channel = openChannel(fake.url, { clock, joinTimeoutMs: 7000 });
    const joining = channel.join("r");
    expect(clock.waits).toEqual([7000]);
    clock.advance(7000);
    await expect(joining).rejects.toMatchObject({
      name: "ChannelMessageError",
      code: "not_connected",
      room: "r",
    });
    expect(channel.get_rooms()).toEqual(["r"]);
    const again = channel.join("r");
    const connecting = channel.connect();
    await until("the handshake", () => clock.waits.at(-1) === 50);
    clock.advance(50);
    await connecting;
    await again;
    expect(requests(fake.last.received)).toEqual(["_join r"]);
    expect(await channel.join("r")).toEqual(await again);
  });

  it("that nobody answers rejects in time, and is made up for at the next open", async () => {
    let isSilent: boolean = true;
    const fake = await startFake({ reply: () => (isSilent ? undefined : { late: 1 }) });
    const channel = await connectTo(fake, { ...reconnecting, joinTimeoutMs: 30 });
    await expect(channel.join("r")).rejects.toMatchObject({ code: "timeout", room: "r" });
    expect(channel.is_in_room("r")).toBe(true);
    isSilent = false;
    fake.cut();
    await connections(fake, 2);
    expect(await channel.join("r")).toMatchObject({ late: 1 });
    expect(requests(fake.last.received)).toEqual(["_join r"]);
  });

  it("that cannot be sent as JSON rejects at once", async () => {
    const channel = openChannel("ws://127.0.0.1:1");
    await expect(channel.join("r", { n: 1n })).rejects.toMatchObject({
      name: "ChannelMessageError",
      code: "invalid",
      room: "r",
    });
    expect(channel.get_rooms()).toEqual([]);
  });

  it("that was on its way in a cut is made at the next open, and settles then", async () => {
    let isSilent: boolean = true;
    const fake = await startFake({ reply: () => (isSilent ? undefined : {}) });
    const channel = await connectTo(fake, reconnecting);
    const joining = channel.join("r");
    await until("the join", () => fake.last.received.length === 1);
    isSilent = false;
    fake.cut();
    await joining;
    expect(fake.connections.map(({ received }) => requests(received))).toEqual([
      ["_join r"],
      ["_join r"],
    ]);
  });

  it("rejects with the connection's failure where nothing comes after it", async () => {
    const fake = await startFake({ refuseWith: () => 503 });
    const channel = openChannel(fake.url);
    errorsOf(channel);
    const joining = channel.join("r");
    await expect(channel.connect()).rejects.toThrow();
    await expect(joining).rejects.toMatchObject({ code: "not_connected" });
    expect(channel.get_rooms()).toEqual(["r"]);
  });
});

describe("rooms", () => {
  it("are joined again at every open, in the order of joining, with their params", async () => {
    const fake = await startFake();
    const channel = await connectTo(fake);
    await channel.join("b", { token: "t" });
    await channel.join("a");
    await channel.join("c");
    await channel.leave("a");
    await channel.close();
    await channel.connect();
    await until("the joins", () => fake.last.received.length === 2);
    expect(fake.last.received).toMatchObject([
      { type: "_join", room: "b", token: "t" },
      { type: "_join", room: "c" },
    ]);
  });

  it("that refuse a rejoin are gone, and the error handlers hear why", async () => {
    let isOpen: boolean = true;
    const fake = await startFake({ reply: () => (isOpen ? {} : refused("token_expired")) });
    const channel = await connectTo(fake, reconnecting);
    const errors = errorsOf(channel);
    await channel.join("r");
    isOpen = false;
    fake.cut();
    await until("the refusal", () => errors.length === 1);
    expect(errors).toMatchObject([
      { name: "ChannelMessageError", code: "token_expired", room: "r" },
    ]);
    expect(channel.get_rooms()).toEqual([]);
  });

  it("that the server closes are gone", async () => {
    const fake = await startFake();
    const channel = await connectTo(fake);
    const errors = errorsOf(channel);
    const heard: unknown[] = [];
    channel.on_message((message) => heard.push(message));
    await channel.join("r");
    fake.last.send({ _event: "phx_close", _room: "r" });
    fake.last.send({ _event: "phx_close", _room: "never joined" });
    await until("the end", () => channel.get_rooms().length === 0);
    expect(errors).toMatchObject([{ name: "ChannelError", code: "room_closed", room: "r" }]);
    expect(heard).toEqual([]);
    await channel.join("r");
    expect(requests(fake.last.received)).toEqual(["_join r", "_join r"]);
  });

  it("that break down are joined once more, after the delay", async () => {
    const fake = await startFake();
    const clock = new TestClock();
    const channel = openChannel(fake.url, { clock, reconnectDelay: 3 });
    const errors = errorsOf(channel);
    const joining = channel.join("r");
    const connecting = channel.connect();
    await until("the handshake", () => clock.waits.at(-1) === 50);
    clock.advance(50);
    await Promise.all([connecting, joining]);
    fake.last.send({ _event: "phx_error", _room: "r", code: "push_crashed" });
    // The first such wait tells a good connection from a bad one.
    await until("the plan", () => clock.waits.filter((waitMs) => waitMs === 3000).length === 2);
    clock.advance(3000);
    await until("the rejoin", () => fake.last.received.length === 2);
    expect(requests(fake.last.received)).toEqual(["_join r", "_join r"]);
    expect(errors).toEqual([]);
  });

  it("tell of presences only if they were asked to", async () => {
    const fake = await startFake();
    const channel = await connectTo(fake);
    const heard: unknown[] = [];
    channel.on_message((message, meta) => heard.push([message, meta]));
    await channel.join("with", { presence: true });
    await channel.join("without");
    for (const _room of ["with", "without"]) {
      fake.last.send({ data: { ann: { metas: [] } }, _event: "presence_state", _room });
      fake.last.send({ data: { joins: {}, leaves: {} }, _event: "presence_diff", _room });
    }
    fake.last.send({ last: 1, _room: "without" });
    await until("the last", () => heard.length === 3);
    expect(heard).toEqual([
      [{ ann: { metas: [] } }, { room: "with", event: "presence_state" }],
      [
        { joins: {}, leaves: {} },
        { room: "with", event: "presence_diff" },
      ],
      [{ last: 1 }, { room: "without", event: "message" }],
    ]);
  });
});

describe("leave", () => {
  it("is done when the server has answered, and takes the room's handlers along", async () => {
    const fake = await startFake();
    const channel = await connectTo(fake);
    const heard: unknown[] = [];
    channel.on_room_message("r", (message) => heard.push(message));
    await channel.join("r");
    await channel.leave("r");
    expect(requests(fake.last.received)).toEqual(["_join r", "_leave r"]);
    expect(channel.is_in_room("r")).toBe(false);
    channel.on_message(() => heard.push("all"));
    fake.last.send({ _room: "r" });
    await until("the message", () => heard.length === 1);
    expect(heard).toEqual(["all"]);
  });

  it("of a room that is not joined sends nothing", async () => {
    const fake = await startFake();
    const channel = await connectTo(fake);
    await channel.leave("r");
    expect(fake.last.received).toEqual([]);
  });

  it("before the connection forgets the room and what is queued for it", async () => {
    const fake = await startFake();
    const channel = openChannel(fake.url, { autoReconnect: true });
    const joining = channel.join("r");
    await channel.send({ n: 1 }, "r");
    await channel.send({ n: 2 }, "other");
    const pushing = channel.push("r", "e");
    await channel.leave("r");
    await expect(joining).rejects.toMatchObject({ code: "room_left", room: "r" });
    await expect(pushing).rejects.toMatchObject({ code: "room_left", room: "r" });
    await channel.connect();
    await until("the rest", () => fake.last.received.length > 0);
    expect(fake.last.received).toEqual([{ n: 2, _room: "other" }]);
  });

  it("followed by a join leaves one membership", async () => {
    const fake = await startFake();
    const channel = await connectTo(fake);
    await channel.join("r");
    await Promise.all([channel.leave("r"), channel.join("r")]);
    expect(requests(fake.last.received)).toEqual(["_join r", "_leave r", "_join r"]);
    expect(channel.get_rooms()).toEqual(["r"]);
  });

  it("is not undone by the late answer to an earlier join", async () => {
    const joins: unknown[] = [];
    const fake = await startFake({
      reply: ({ type }) => (type === "_join" && joins.push(type) === 1 ? refused("no") : {}),
    });
    const channel = await connectTo(fake);
    const errors = errorsOf(channel);
    const first = channel.join("r");
    await Promise.all([channel.leave("r"), channel.join("r")]);
    await expect(first).rejects.toMatchObject({ code: "room_left" });
    expect(channel.get_rooms()).toEqual(["r"]);
    expect(errors).toEqual([]);
  });

  it("rejects where the connection is lost before the answer", async () => {
    const fake = await startFake({ reply: ({ type }) => (type === "_leave" ? undefined : {}) });
    const channel = await connectTo(fake);
    await channel.join("r");
    const leaving = channel.leave("r");
    await until("the leave", () => fake.last.received.length === 2);
    fake.cut();
    await expect(leaving).rejects.toMatchObject({ code: "connection_lost", room: "r" });
    expect(channel.get_rooms()).toEqual([]);
  });
});
