import { describe, expect, it } from "vitest";
import type { CommonroomOptions } from "../../../server/index.ts";
import { connectRaw } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { secret, tokenFor } from "../../support/tokens.ts";

async function connect(options: CommonroomOptions = {}) {
  const server = await startServer({ rooms: [{ match: "*", presence: false }], ...options });
  return { server, client: await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0`) };
}

const refusal = (reason: string, code: string) => ({
  status: "error",
  response: { reason, code },
});

describe("a join", () => {
  it("is answered with the refs it came with, and the member's id", async () => {
    const { client } = await connect();
    client.send(["3", "4", "room:a", "phx_join", { x: 1 }]);
    expect(await client.next()).toEqual([
      "3",
      "4",
      "room:a",
      "phx_reply",
      { status: "ok", response: { id: expect.stringMatching(/^[A-Za-z0-9]{8}:room:a:3$/) } },
    ]);
  });

  it("echoes integer refs as integers", async () => {
    const { client } = await connect();
    client.send([7, 8, "room:a", "phx_join", {}]);
    expect(await client.next()).toMatchObject([7, 8, "room:a", "phx_reply", { status: "ok" }]);
  });

  it("without a join_ref takes its ref for one", async () => {
    const { client } = await connect();
    client.send([null, "5", "room:a", "phx_join", {}]);
    expect(await client.next()).toMatchObject(["5", "5", "room:a", "phx_reply", { status: "ok" }]);
    client.send(["5", "6", "room:a", "hello", {}]);
    expect(await client.next()).toMatchObject(["5", "6", "room:a", "phx_reply", { status: "ok" }]);
  });

  it("accepts a room named like a property of every object", async () => {
    const { client } = await connect();
    for (const room of ["__proto__", "constructor", "toString", "room:", "a".repeat(255)]) {
      client.send(["1", "1", room, "phx_join", {}]);
      expect(await client.next()).toMatchObject(["1", "1", room, "phx_reply", { status: "ok" }]);
    }
  });

  it.each([
    ["an empty name", ""],
    ["a name of 256 bytes", "ä".repeat(128)],
    ["a control character", "room\u0007"],
    ["a line break", "room\n"],
    ["half a surrogate pair", "room\ud800"],
    ["a number", 5],
    ["null", null],
    ["a truth value", true],
  ])("of %s is refused", async (_what, topic) => {
    const { client } = await connect();
    client.send(["1", "1", topic, "phx_join", {}]);
    expect(await client.next()).toMatchObject([
      "1",
      "1",
      topic,
      "phx_reply",
      { status: "error", response: { code: "room_name_invalid" } },
    ]);
  });

  it("of the connection's own topic is unmatched", async () => {
    const { client } = await connect();
    client.send(["1", "1", "phoenix", "phx_join", {}]);
    expect(await client.next()).toEqual([
      null,
      "1",
      "phoenix",
      "phx_reply",
      refusal("unmatched topic", "room_unmatched"),
    ]);
  });

  it("of the hundred and first room is refused, and a leave makes place for it", async () => {
    const { client } = await connect();
    for (let n = 1; n <= 100; n += 1) {
      client.send([String(n), String(n), `room:${n}`, "phx_join", {}]);
      expect(await client.next()).toMatchObject([
        String(n),
        String(n),
        `room:${n}`,
        "phx_reply",
        { status: "ok" },
      ]);
    }
    client.send(["101", "101", "room:101", "phx_join", {}]);
    expect(await client.next()).toEqual([
      "101",
      "101",
      "room:101",
      "phx_reply",
      refusal("too many channels joined", "rooms_exhausted"),
    ]);
    client.send(["102", "102", "room:1", "phx_join", {}]);
    expect(await client.next()).toMatchObject([
      "102",
      "102",
      "room:1",
      "phx_reply",
      { status: "ok" },
    ]);
    expect(await client.next()).toEqual(["1", "1", "room:1", "phx_close", {}]);
    client.send(["2", "103", "room:2", "phx_leave", {}]);
    await client.next();
    await client.next();
    client.send(["104", "104", "room:101", "phx_join", {}]);
    expect(await client.next()).toMatchObject([
      "104",
      "104",
      "room:101",
      "phx_reply",
      { status: "ok" },
    ]);
  });

  it("of a room that is joined already replaces it: the new reply first, then the old close", async () => {
    const { client } = await connect();
    client.send(["1", "1", "room:a", "phx_join", {}]);
    await client.next();
    client.send(["2", "2", "room:a", "phx_join", {}]);
    expect(await client.next()).toMatchObject(["2", "2", "room:a", "phx_reply", { status: "ok" }]);
    expect(await client.next()).toEqual(["1", "1", "room:a", "phx_close", {}]);
    client.send(["2", "3", "room:a", "hello", {}]);
    expect(await client.next()).toMatchObject(["2", "3", "room:a", "phx_reply", { status: "ok" }]);
  });

  it("brings no more than 4 KiB of meta", async () => {
    const { client } = await connect();
    client.send(["1", "1", "room:a", "phx_join", { meta: { text: "x".repeat(5000) } }]);
    expect(await client.next()).toMatchObject([
      "1",
      "1",
      "room:a",
      "phx_reply",
      { status: "error", response: { code: "too_large" } },
    ]);
  });

  it.each([
    ["nested 20,000 deep", `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`],
    ["of many bytes in few characters", `{"text":"${"ü".repeat(2500)}"}`],
  ])("is refused with a meta %s, and the connection lives on", async (_what, meta) => {
    const { client } = await connect();
    client.send(`["1","1","room:a","phx_join",{"meta":${meta}}]`);
    expect(await client.next()).toMatchObject([
      "1",
      "1",
      "room:a",
      "phx_reply",
      { status: "error" },
    ]);
    client.send(["2", "2", "room:a", "phx_join", {}]);
    expect(await client.next()).toMatchObject(["2", "2", "room:a", "phx_reply", { status: "ok" }]);
  });

  it("cannot enter the private room of another connection", async () => {
    const { server, client } = await connect();
    await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0`);
    const ids = [...server.commonroom.io.of("/").sockets.keys()];
    for (const id of ids) {
      client.send(["1", "1", id, "phx_join", {}]);
      expect(await client.next()).toMatchObject([
        "1",
        "1",
        id,
        "phx_reply",
        { status: "error", response: { code: "room_forbidden" } },
      ]);
    }
  });
});

describe("with a secret, a join", () => {
  const auth = { jwtSecret: secret, anonymous: ["public:*"] };
  const join = async (room: string, params: unknown, query = "") => {
    const server = await startServer({ auth, rooms: [{ match: "*", presence: false }] });
    const client = await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0${query}`);
    client.send(["1", "1", room, "phx_join", params]);
    const reply = await client.next();
    if (!Array.isArray(reply)) throw new Error("no reply");
    return reply[4] as { status: string; response: { reason?: string; code?: string } };
  };

  it.each([
    ["its own token", "chat:lobby", () => ({ token: tokenFor("chat:lobby") })],
    ["a pattern", "chat:lobby", () => ({ token: tokenFor("chat:*") })],
    ["a list", "b", () => ({ token: tokenFor(["a", "b"]) })],
    ["no token where none is needed", "public:hall", () => ({})],
  ])("with %s is welcome", async (_what, room, params) => {
    expect(await join(room, params())).toMatchObject({ status: "ok" });
  });

  it.each([null, 23, [1], "text", { token: 5 }])(
    "whose params are %j counts on the connection's token",
    async (params) => {
      const query = `&userToken=${tokenFor("chat:lobby")}`;
      expect(await join("chat:lobby", params, query)).toMatchObject({ status: "ok" });
    },
  );

  it.each([
    ["no token", "token missing", "token_missing", () => ({})],
    ["a broken token", "token invalid", "token_invalid", () => ({ token: "x" })],
    [
      "a token for another room",
      "token does not cover this room",
      "room_forbidden",
      () => ({ token: tokenFor("other") }),
    ],
    [
      "an expired token",
      "token expired",
      "token_expired",
      () => ({ token: tokenFor("chat:lobby", "ann", -10) }),
    ],
  ])("with %s is refused with its reason", async (_what, reason, code, params) => {
    expect(await join("chat:lobby", params())).toEqual(refusal(reason, code));
  });

  it("that is refused ends an earlier join of the room, as in Phoenix", async () => {
    const server = await startServer({ auth, rooms: [{ match: "*", presence: false }] });
    const client = await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0`);
    client.send(["1", "1", "lobby", "phx_join", { token: tokenFor("lobby") }]);
    await client.next();
    client.send(["2", "2", "lobby", "phx_join", { token: "bad" }]);
    expect(await client.next()).toMatchObject([
      "2",
      "2",
      "lobby",
      "phx_reply",
      { status: "error" },
    ]);
    expect(await client.next()).toEqual(["1", "1", "lobby", "phx_close", {}]);
    expect(server.commonroom.io.of("/").adapter.rooms.has("lobby")).toBe(false);
    client.send(["1", "3", "lobby", "hello", {}]);
    expect(await client.next()).toMatchObject([
      null,
      "3",
      "lobby",
      "phx_reply",
      { status: "error" },
    ]);
  });

  it("with a bad token of its own does not fall back to the connection's", async () => {
    const query = `&userToken=${tokenFor("chat:lobby")}`;
    expect(await join("chat:lobby", { token: "bad" }, query)).toMatchObject({
      status: "error",
      response: { code: "token_invalid" },
    });
  });
});

describe("in an open house, a join", () => {
  it("still has its token checked", async () => {
    const { client } = await connect();
    client.send(["1", "1", "lobby", "phx_join", { token: tokenFor("lobby") }]);
    expect(await client.next()).toMatchObject([
      "1",
      "1",
      "lobby",
      "phx_reply",
      { status: "error", response: { code: "token_invalid" } },
    ]);
  });

  it("takes a token of the server's own", async () => {
    const { server, client } = await connect();
    const answer = await fetch(`${server.url}/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ channel: "lobby", id: "ann" }),
    });
    const { token } = (await answer.json()) as { token: string };
    client.send(["1", "1", "lobby", "phx_join", { token }]);
    expect(await client.next()).toMatchObject(["1", "1", "lobby", "phx_reply", { status: "ok" }]);
  });
});

describe("a membership whose token expires", () => {
  it("ends with phx_error and its reason, and the connection lives on", async () => {
    const { client } = await connect({ auth: { jwtSecret: secret } });
    client.send(["1", "1", "lobby", "phx_join", { token: tokenFor("lobby", "ann", 2) }]);
    expect(await client.next()).toMatchObject(["1", "1", "lobby", "phx_reply", { status: "ok" }]);
    expect(await client.next()).toEqual([
      "1",
      "1",
      "lobby",
      "phx_error",
      { reason: "token expired", code: "token_expired" },
    ]);
    client.send(["1", "2", "lobby", "hello", {}]);
    expect(await client.next()).toEqual([
      null,
      "2",
      "lobby",
      "phx_reply",
      refusal("unmatched topic", "room_not_joined"),
    ]);
    client.send(["3", "3", "lobby", "phx_join", { token: tokenFor("lobby") }]);
    expect(await client.next()).toMatchObject(["3", "3", "lobby", "phx_reply", { status: "ok" }]);
  });
});
