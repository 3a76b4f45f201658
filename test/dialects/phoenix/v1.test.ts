import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeObject, encodeObject } from "../../../server/dialects/phoenix/codec-v1.ts";
import { connectRaw, type RawClient } from "../../support/raw-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";

const quiet = { rooms: [{ match: "*", presence: false }] };
const heartbeat = { topic: "phoenix", event: "heartbeat", payload: {}, ref: "1" };

const connect = (server: TestServer, query = "vsn=1.0.0"): Promise<RawClient> =>
  connectRaw(`${server.wsUrl}/websocket?${query}`);

async function member(server: TestServer, query?: string): Promise<RawClient> {
  const client = await connect(server, query);
  client.send({ topic: "room:a", event: "phx_join", payload: {}, ref: "1" });
  await client.next();
  return client;
}

describe("a V1 frame", () => {
  it("of the server has exactly topic, event, payload and ref", async () => {
    const client = await connect(await startServer());
    client.send({ topic: "room:a", event: "phx_join", payload: {}, ref: "3", join_ref: "3" });
    expect(await client.next()).toEqual({
      topic: "room:a",
      event: "phx_reply",
      payload: { status: "ok", response: { id: expect.any(String) } },
      ref: "3",
    });
    expect(await client.next()).toEqual({
      topic: "room:a",
      event: "presence_state",
      payload: expect.any(Object),
      ref: null,
    });
  });

  it.each([
    ["no topic", { event: "x", payload: {}, ref: "1" }],
    ["no event", { topic: "a", payload: {}, ref: "1" }],
    ["no payload", { topic: "a", event: "x", ref: "1" }],
    ["no ref", { topic: "a", event: "x", payload: {} }],
    ["a ref that is an object", { topic: "a", event: "x", payload: {}, ref: {} }],
    ["a join_ref that is a list", { topic: "a", event: "x", payload: {}, ref: "1", join_ref: [] }],
    ["an array of V2", [null, "1", "phoenix", "heartbeat", {}]],
    ["a JSON string", '"x"'],
    ["null", "null"],
    ["text that is not JSON", "not json"],
    ["bytes that are not UTF-8", Buffer.from([0xff, 0xfe])],
  ])("with %s closes with 1011", async (_what, frame) => {
    const server = await startServer();
    const client = await connect(server);
    client.send(frame);
    expect(await client.end()).toMatchObject({ code: 1011 });
    expect(server.commonroom.status().counters.badFrames).toBe(1);
  });

  it("may have null for each of its keys", async () => {
    const client = await connect(await startServer());
    client.send({ topic: null, event: null, payload: null, ref: null });
    expect(await client.next()).toMatchObject({ topic: null, event: "phx_reply", ref: null });
  });

  it("is read from a binary frame too", async () => {
    const client = await connect(await startServer());
    client.send(Buffer.from(JSON.stringify(heartbeat)));
    expect(await client.next()).toMatchObject({ topic: "phoenix", event: "phx_reply", ref: "1" });
  });

  it("comes back as it was sent", () => {
    const ref = fc.oneof(fc.string(), fc.integer(), fc.constant(null));
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.jsonValue(), ref, (topic, event, payload, own) => {
        const decoded = decodeObject(encodeObject(topic, event, payload, own));
        const sent = JSON.parse(JSON.stringify({ topic, event, payload, ref: own, joinRef: null }));
        expect(decoded).toEqual(sent);
      }),
    );
  });

  it("of any text or bytes is read or refused, never thrown at", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.json());
    const bytes = fc.uint8Array({ maxLength: 60 }).map((data) => Buffer.from(data));
    fc.assert(
      fc.property(fc.oneof(text, bytes), (value) => void decodeObject(value)),
      { numRuns: 2000 },
    );
  });
});

describe("a V1 client", () => {
  it.each(["vsn=1.0.0", "vsn=1.0.5", "x=1"])("connects with %s", async (query) => {
    const client = await connect(await startServer(), query);
    client.send(heartbeat);
    expect(await client.next()).toMatchObject({ event: "phx_reply", ref: "1" });
  });

  it.each(["vsn=1.1.0", "vsn=1", "vsn=1.0", "vsn=1.0.0-rc.1"])(
    "is refused with %s",
    async (query) => {
      await expect(connect(await startServer(), query)).rejects.toThrow("403");
    },
  );

  it("without a vsn is closed with 1011 for a first frame that has a topic and is not whole", async () => {
    const client = await connect(await startServer(), "x=1");
    client.send({ topic: "a" });
    expect(await client.end()).toMatchObject({ code: 1011 });
  });

  it("needs no join_ref: phx_close carries the join's ref, and its stale twin none of its own", async () => {
    const client = await member(await startServer(quiet));
    client.send({ topic: "room:a", event: "phx_join", payload: {}, ref: "2" });
    expect(await client.next()).toMatchObject({ event: "phx_reply", ref: "2" });
    expect(await client.next()).toEqual({
      topic: "room:a",
      event: "phx_close",
      payload: {},
      ref: "1",
    });
  });

  it("is told of an end by the server with the join's join_ref", async () => {
    const server = await startServer(quiet);
    const client = await connect(server);
    client.send({ topic: "room:a", event: "phx_join", payload: {}, ref: "4", join_ref: "3" });
    await client.next();
    server.commonroom.io.in("room:a").socketsLeave("room:a");
    expect(await client.next()).toEqual({
      topic: "room:a",
      event: "phx_close",
      payload: {},
      ref: "3",
    });
  });
});

describe("bytes", () => {
  it("that a V1 member cannot get are told as phx_undeliverable; V2 gets them", async () => {
    const server = await startServer(quiet);
    const old = await member(server);
    const present = await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0`);
    present.send(["1", "1", "room:a", "phx_join", {}]);
    await present.next();
    server.commonroom.io.to("room:a").emit("picture", Buffer.from([1, 2, 3]));
    expect(await old.next()).toEqual({
      topic: "room:a",
      event: "phx_undeliverable",
      payload: {
        event: "picture",
        bytes: 3,
        reason: "this connection cannot carry binary payloads",
      },
      ref: null,
    });
    const frame = `0206${"07"}${Buffer.from("room:apicture").toString("hex")}010203`;
    expect(await present.next()).toEqual(Buffer.from(frame, "hex"));
  });
});
