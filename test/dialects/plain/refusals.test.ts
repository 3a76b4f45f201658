import { describe, expect, it } from "vitest";
import type { ConnectHook } from "../../../server/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { connectPlain, heardBy, joinPlain } from "../../support/plain-client.ts";
import { connectRaw } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { secret, tokenFor } from "../../support/tokens.ts";

const quiet = { rooms: [{ match: "*", presence: false }] };

describe("a mistake of a plain client is named, and its connection lives on", () => {
  it.each([
    ["Python's None", "None", "frame_invalid"],
    ["a Python list", "[1, 'a']", "frame_invalid"],
    ["Python bytes", "b'\\x00'", "frame_invalid"],
    ["plain text", "Hello, World!", "frame_invalid"],
    ["an empty frame", "", "frame_invalid"],
    ["NaN", '{"n": NaN, "_room": "lobby"}', "frame_invalid"],
    ["an array", "[1,2]", "room_missing"],
    ["a number", "42", "room_missing"],
    ["null", "null", "room_missing"],
    ["an object without a room", '{"text":"hi"}', "room_missing"],
    ["an unknown type", '{"type":"_subscribe","room":"lobby"}', "room_missing"],
    ["a binary frame without a head", Buffer.from([0, 1, 255]), "room_missing"],
    ["a binary frame with a broken head", Buffer.from('{"_room":\n'), "room_missing"],
    ["a binary frame without a newline", Buffer.from('{"_room":"lobby"}'), "room_missing"],
    [
      "a binary frame whose head is not UTF-8",
      Buffer.from('{"_room":"\xff"}\n', "latin1"),
      "room_missing",
    ],
    ["a join without a room", '{"type":"_join"}', "room_name_invalid"],
    ["a join of a number", '{"type":"_join","room":5}', "room_name_invalid"],
    [
      "a join of a name of 300 bytes",
      `{"type":"_join","room":"${"x".repeat(300)}"}`,
      "room_name_invalid",
    ],
    ["a join of an empty name", '{"type":"_join","room":""}', "room_name_invalid"],
    ["a leave without a room", '{"type":"_leave"}', "room_name_invalid"],
    ["a _room that is a list", '{"_room":["r"]}', "room_name_invalid"],
    ["a _room that is null", '{"_room":null}', "room_name_invalid"],
    ["a _room of bytes that is a list", Buffer.from('{"_room":["r"]}\n'), "room_name_invalid"],
    ["a message to a room that it is not in", '{"_room":"elsewhere"}', "room_not_joined"],
    ["an _event that is a number", '{"_room":"lobby","_event":5}', "event_name_invalid"],
    [
      "an _event of the server's own",
      '{"_room":"lobby","_event":"phx_close"}',
      "event_name_reserved",
    ],
    ["an _id that is a list", '{"_room":"lobby","_id":[1]}', "id_invalid"],
  ])("%s", async (_what, frame, code) => {
    const server = await startServer(quiet);
    const witness = await joinPlain(server, "lobby");
    const ann = await joinPlain(server, "lobby");
    ann.send(frame);
    expect(await heardBy(ann)).toEqual([
      expect.objectContaining({ type: "_error", code, reason: expect.any(String) }),
    ]);
    ann.send({ text: "still here", _room: "lobby" });
    expect(await witness.next()).toEqual({ text: "still here", _room: "lobby" });
  });

  it("in the reply where it asked for one", async () => {
    const server = await startServer(quiet);
    const ann = await connectPlain(server);
    ann.send({ _id: 1 });
    ann.send({ _room: "elsewhere", _id: "two" });
    ann.send({ type: "_join", _id: 3 });
    ann.send({ type: "_leave", room: 5, _id: 4 });
    expect(await heardBy(ann)).toMatchObject([
      { _re: 1, status: "error", response: { code: "room_missing" } },
      { _re: "two", status: "error", response: { code: "room_not_joined" } },
      { _re: 3, status: "error", response: { code: "room_name_invalid" } },
      { _re: 4, status: "error", response: { code: "room_name_invalid" } },
    ]);
  });

  it("with the room that it is about, in a field that Metafor's client leaves alone", async () => {
    const server = await startServer(quiet);
    const ann = await connectPlain(server);
    ann.send({ _room: "elsewhere" });
    const frame = await ann.next();
    expect(frame).toMatchObject({ type: "_error", about: "elsewhere" });
    expect(frame).not.toHaveProperty("room");
    expect(frame).not.toHaveProperty("_room");
  });

  it("ten thousand times in a row", async () => {
    const server = await startServer(quiet);
    const witness = await joinPlain(server, "room 0");
    const ann = await connectPlain(server);
    for (let n = 0; n < 10_000; n += 1) ann.send(`{"type":"_join","room":"room ${n}"}`);
    const heard = await heardBy(ann);
    expect(heard).toHaveLength(9900);
    expect(heard).toContainEqual(expect.objectContaining({ about: "room 9999" }));
    expect(heard[0]).toMatchObject({ code: "rooms_exhausted", about: "room 100" });
    ann.send({ text: "still here", _room: "room 0" });
    expect(await witness.next()).toEqual({ text: "still here", _room: "room 0" });
  });
});

describe("tokens", () => {
  const locked = { ...quiet, auth: { jwtSecret: secret } };

  it.each(["token", "userToken"])("count in the query, as %s", async (name) => {
    const server = await startServer(locked);
    const ann = await connectPlain(server, `?${name}=${tokenFor("lobby")}`);
    ann.send({ type: "_join", room: "lobby", _id: 1 });
    ann.send({ type: "_join", room: "elsewhere" });
    expect(await heardBy(ann)).toMatchObject([
      { _re: 1, status: "ok" },
      { type: "_error", code: "room_forbidden", about: "elsewhere" },
    ]);
  });

  it("count in the join, and are never shown to the others", async () => {
    const server = await startServer({ auth: { jwtSecret: secret } });
    const token = tokenFor("lobby", "ann");
    const ben = await joinPlain(server, "lobby", {
      token: tokenFor("lobby", "ben"),
      presence: true,
    });
    const ann = await connectPlain(server);
    ann.send({ type: "_join", room: "lobby", token, _id: 1 });
    expect(await ann.next()).toMatchObject({ status: "ok" });
    await heardBy(ben);
    expect(JSON.stringify(ben.received)).not.toContain(token);
    expect(server.logLines.join()).not.toContain(token);
  });

  it("that are missing, wrong or expired refuse the join", async () => {
    const server = await startServer(locked);
    const ann = await connectPlain(server);
    ann.send({ type: "_join", room: "lobby" });
    ann.send({ type: "_join", room: "lobby", token: "nonsense" });
    ann.send({ type: "_join", room: "lobby", token: tokenFor("lobby", "ann", -5) });
    expect(await heardBy(ann)).toMatchObject([
      { code: "token_missing" },
      { code: "token_invalid" },
      { code: "token_expired" },
    ]);
  });

  it("that expire end the membership, which the client is told", async () => {
    const clock = new ManualClock(Date.now());
    const server = await startServer({ ...locked, limits: { idleTimeoutMs: 600_000 } }, { clock });
    const ann = await joinPlain(server, "lobby", { token: tokenFor("lobby", "ann", 60) });
    clock.advance(61_000);
    expect(await ann.next()).toEqual({
      reason: "token expired",
      code: "token_expired",
      _event: "phx_error",
      _room: "lobby",
    });
    ann.send({ _room: "lobby", _id: 1 });
    expect(await ann.next()).toMatchObject({ response: { code: "room_not_joined" } });
    ann.send({ type: "_join", room: "lobby", token: tokenFor("lobby", "ann", 600), _id: 2 });
    expect(await ann.next()).toMatchObject({ _re: 2, status: "ok" });
  });
});

describe("a refused connection is told why before it is closed", () => {
  it.each([
    [{ status: 403, reason: "not you" }, "connect_refused", 4403, "not you"],
    [{ status: 401, reason: "" }, "connect_unauthorized", 4401, "token not accepted"],
    [{ status: 503, reason: "come back" }, "connect_later", 4429, "come back"],
  ])("by the application, with %j", async (answer, code, closeCode, reason) => {
    const server = await startServer({}, { connect: () => ({ ok: false, ...answer }) });
    const client = await connectPlain(server);
    expect(await client.next()).toEqual({ type: "_error", code, reason });
    expect(await client.end()).toEqual({ code: closeCode, reason });
  });

  it("for its origin", async () => {
    const server = await startServer({ auth: { checkOrigin: ["https://a.com"] } });
    const client = await connectRaw(`${server.wsUrl}/ws`, [], { origin: "https://b.com" });
    expect(await client.next()).toMatchObject({ type: "_error", code: "origin_refused" });
    expect((await client.end()).code).toBe(4403);
  });

  it("for its query", async () => {
    const server = await startServer();
    const query = Array.from({ length: 1001 }, (_, index) => `k${index}=1`).join("&");
    const client = await connectRaw(`${server.wsUrl}/ws?${query}`);
    expect(await client.next()).toMatchObject({ type: "_error", code: "query_refused" });
    expect((await client.end()).code).toBe(4400);
  });
});

describe("a plain connection", () => {
  it("selects the first sub-protocol that is offered", async () => {
    const server = await startServer();
    const client = await connectRaw(`${server.wsUrl}/ws`, ["rooms", "other"]);
    expect(client.webSocket.protocol).toBe("rooms");
  });

  it("is shown to the application with its token", async () => {
    const seen: unknown[] = [];
    const connect: ConnectHook = ({ dialect, token, params }) => {
      seen.push({ dialect, token, params });
      return { ok: true };
    };
    const server = await startServer({}, { connect });
    await connectPlain(server, "?token=t&a[b]=1");
    expect(seen).toEqual([{ dialect: "plain", token: "t", params: { token: "t", a: { b: "1" } } }]);
  });

  it("lives as long as it answers pings, and no longer", async () => {
    const server = await startServer({ limits: { idleTimeoutMs: 200 } });
    const alive = await connectPlain(server);
    const dead = await connectPlain(server);
    const pingedAtMs: number[] = [];
    alive.webSocket.on("ping", () => pingedAtMs.push(Date.now()));
    // A client that is gone answers no ping: nothing is read of what the server sends.
    dead.webSocket.pause();
    await expect.poll(() => server.commonroom.status().connections, { timeout: 5000 }).toBe(1);
    await expect.poll(() => pingedAtMs.length, { timeout: 5000 }).toBeGreaterThan(5);
    const [firstMs = 0] = pingedAtMs;
    // Two fifths of the time-out lie between two pings, not one turn of the sweep.
    expect(((pingedAtMs.at(-1) ?? 0) - firstMs) / (pingedAtMs.length - 1)).toBeGreaterThan(75);
    expect(alive.isOpen).toBe(true);
    dead.webSocket.resume();
    expect((await dead.end()).code).toBe(1002);
  });

  it("is closed with 1009 for a frame that is too large, and with 1012 at a shutdown", async () => {
    const server = await startServer({ limits: { maxFrameBytes: 1000 } });
    const ann = await connectPlain(server);
    ann.send(`"${"x".repeat(1000)}"`);
    expect((await ann.end()).code).toBe(1009);
    const ben = await connectPlain(server);
    await server.commonroom.close();
    expect((await ben.end()).code).toBe(1012);
  });
});
