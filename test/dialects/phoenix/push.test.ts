import { describe, expect, it } from "vitest";
import type { CommonroomOptions } from "../../../server/index.ts";
import { connectRaw, type RawClient } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";

async function connect(options: CommonroomOptions = {}) {
  const server = await startServer({ rooms: [{ match: "*", presence: false }], ...options });
  return { server, client: await member(server.wsUrl) };
}

async function member(wsUrl: string, room = "room:a"): Promise<RawClient> {
  const client = await connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
  client.send(["1", "1", room, "phx_join", {}]);
  await client.next();
  return client;
}

const good = { status: "ok", response: {} };

describe("a push", () => {
  it("is answered, and reaches the other members with null refs, but not its sender", async () => {
    const { server, client } = await connect();
    const other = await member(server.wsUrl);
    client.send(["1", "2", "room:a", "hello", { text: "hi" }]);
    expect(await client.next()).toEqual(["1", "2", "room:a", "phx_reply", good]);
    expect(await other.next()).toEqual([null, null, "room:a", "hello", { text: "hi" }]);
    expect(client.received).toHaveLength(2);
  });

  it("is echoed, before its reply, where the room's settings say so", async () => {
    const { client } = await connect({ rooms: [{ match: "*", presence: false, echo: true }] });
    client.send(["1", "2", "room:a", "hello", { text: "hi" }]);
    expect(await client.next()).toEqual([null, null, "room:a", "hello", { text: "hi" }]);
    expect(await client.next()).toEqual(["1", "2", "room:a", "phx_reply", good]);
  });

  it("sent right behind the join, without waiting, works", async () => {
    const { server } = await connect();
    const client = await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0`);
    client.send(["1", "1", "room:b", "phx_join", {}]);
    client.send(["1", "2", "room:b", "hello", {}]);
    expect(await client.next()).toMatchObject(["1", "1", "room:b", "phx_reply", { status: "ok" }]);
    expect(await client.next()).toEqual(["1", "2", "room:b", "phx_reply", good]);
  });

  it("with a null join_ref is accepted, with another's is dropped without a reply", async () => {
    const { client } = await connect();
    client.send(["9", "2", "room:a", "hello", {}]);
    client.send([1, "3", "room:a", "hello", {}]);
    client.send([null, "4", "room:a", "hello", {}]);
    expect(await client.next()).toEqual(["1", "4", "room:a", "phx_reply", good]);
  });

  it("to a room that was never joined is answered 'unmatched topic'", async () => {
    const { client } = await connect();
    client.send(["1", "2", "room:zz", "hello", {}]);
    expect(await client.next()).toEqual([
      null,
      "2",
      "room:zz",
      "phx_reply",
      { status: "error", response: { reason: "unmatched topic", code: "room_not_joined" } },
    ]);
  });

  it.each([
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
    "join",
    "leave",
    "push",
    "phx_close",
    "phx_error",
    "phx_reply",
    "presence_state",
    "presence_diff",
    "chan_reply_1",
  ])("of the reserved event %s is refused, and nobody hears it", async (event) => {
    const { server, client } = await connect();
    const other = await member(server.wsUrl);
    client.send(["1", "2", "room:a", event, {}]);
    expect(await client.next()).toMatchObject([
      "1",
      "2",
      "room:a",
      "phx_reply",
      { status: "error", response: { code: "event_name_reserved" } },
    ]);
    client.send(["1", "3", "room:a", "fine", {}]);
    expect(await other.next()).toEqual([null, null, "room:a", "fine", {}]);
  });

  it.each([
    ["an empty event", "", "event_name_invalid"],
    ["an event of 256 bytes", "e".repeat(256), "event_name_invalid"],
    ["a control character in its event", "e\u0000", "event_name_invalid"],
    ["a number for an event", 5, "event_name_invalid"],
    ["a colon in an event that goes to backends", "user:typing", "event_has_colon"],
  ])("with %s is refused", async (_what, event, code) => {
    const { client } = await connect();
    client.send(["1", "2", "room:a", event, {}]);
    expect(await client.next()).toMatchObject([
      "1",
      "2",
      "room:a",
      "phx_reply",
      { status: "error", response: { code } },
    ]);
  });

  it("may have a colon in its event where it goes to members only", async () => {
    const { client } = await connect({
      rooms: [{ match: "*", presence: false, deliver: "members" }],
    });
    client.send(["1", "2", "room:a", "user:typing", {}]);
    expect(await client.next()).toEqual(["1", "2", "room:a", "phx_reply", good]);
  });

  it.each(["__proto__", "constructor", "hasOwnProperty"])(
    "whose event and payload key are %s is an ordinary one",
    async (name) => {
      const { server, client } = await connect();
      const other = await member(server.wsUrl);
      client.send(`["1","2","room:a","${name}",{"${name}":{"x":1}}]`);
      expect(await client.next()).toEqual(["1", "2", "room:a", "phx_reply", good]);
      const received = await other.next();
      expect(JSON.stringify(received)).toBe(`[null,null,"room:a","${name}",{"${name}":{"x":1}}]`);
      expect(Object.hasOwn(Object.prototype, "x")).toBe(false);
    },
  );

  it("nested more than 128 deep is refused", async () => {
    const { client } = await connect();
    const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
    client.send(`["1","2","room:a","hello",${deep}]`);
    expect(await client.next()).toMatchObject([
      "1",
      "2",
      "room:a",
      "phx_reply",
      { status: "error", response: { code: "payload_invalid" } },
    ]);
  });

  it("carries any JSON payload", async () => {
    const { server, client } = await connect();
    const other = await member(server.wsUrl);
    for (const payload of ["text", 5, true, [1, 2], { a: null }]) {
      client.send(["1", "2", "room:a", "hello", payload]);
      expect(await other.next()).toEqual([null, null, "room:a", "hello", payload]);
    }
  });
});

describe("a binary push", () => {
  const head = (data: number[]) =>
    Buffer.concat([Buffer.from([0, 1, 1, 6, 3]), Buffer.from("12room:abin"), Buffer.from(data)]);

  it("is answered, and reaches other phoenix.js members as a binary broadcast", async () => {
    const { server, client } = await connect();
    const other = await member(server.wsUrl);
    client.send(head([1, 2, 3]));
    expect(await client.next()).toEqual(["1", "2", "room:a", "phx_reply", good]);
    expect(await other.next()).toEqual(
      Buffer.concat([Buffer.from([2, 6, 3]), Buffer.from("room:abin"), Buffer.from([1, 2, 3])]),
    );
  });

  it.each([
    ["of another kind", Buffer.from([1, 1, 1, 1, 1, 1, 1, 1, 1, 1])],
    ["that is truncated", head([1, 2, 3]).subarray(0, 8)],
    ["that is empty", Buffer.alloc(0)],
    ["that holds JSON", Buffer.from('["1","2","room:a","hello",{}]')],
  ])("%s closes with 1011", async (_what, bytes) => {
    const { client } = await connect();
    client.send(bytes);
    expect(await client.end()).toMatchObject({ code: 1011 });
  });
});
