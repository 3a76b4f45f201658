import { describe, expect, it } from "vitest";
import type { CommonroomOptions } from "../../../server/index.ts";
import { startServer } from "../../support/server.ts";
import { ask, connectSocketIo } from "../../support/socket-io-client.ts";
import { secret, tokenFor } from "../../support/tokens.ts";
import { until, within } from "../../support/until.ts";

const quiet: CommonroomOptions = { rooms: [{ match: "*", presence: false }] };

describe.each(["websocket", "polling"])("socket.io-client over %s", (transport) => {
  const transports = [transport];

  it("joins, pushes, hears others with meta.room, and leaves", async () => {
    const { url } = await startServer(quiet);
    const ann = await connectSocketIo(url, { transports });
    const ben = await connectSocketIo(url, { transports });
    expect(await ask(ann, "join", "lobby", {})).toEqual({
      status: "ok",
      response: { id: expect.stringMatching(/^[A-Za-z0-9]{8}:lobby:/) },
    });
    await ask(ben, "join", "lobby", {});
    const heard = within(
      "the message",
      new Promise((resolve) => {
        ben.on("hello", (...args: unknown[]) => resolve(args));
      }),
    );
    expect(await ask(ann, "push", "lobby", "hello", { text: "hi" })).toEqual({
      status: "ok",
      response: {},
    });
    expect(await heard).toEqual([{ text: "hi" }, { room: "lobby" }]);
    expect(await ask(ann, "leave", "lobby")).toMatchObject({ status: "ok" });
    expect(await ask(ann, "push", "lobby", "hello", {})).toEqual({
      status: "error",
      response: { reason: "unmatched topic", code: "room_not_joined" },
    });
  });

  it("gets presence_state at its join, and presence_diff afterwards", async () => {
    const { url } = await startServer();
    const ann = await connectSocketIo(url, { transports });
    const events: unknown[][] = [];
    ann.onAny((...event: unknown[]) => events.push(event));
    await ask(ann, "join", "lobby", { meta: { name: "Ann" } });
    await until("the state", () => events.some(([name]) => name === "presence_state"));
    const [, state, meta] = events[0] ?? [];
    expect(meta).toEqual({ room: "lobby" });
    const [own] = Object.values(state as Record<string, { metas: object[] }>);
    expect(own?.metas).toEqual([{ name: "Ann", phx_ref: expect.any(String) }]);
    const ben = await connectSocketIo(url, { transports });
    await ask(ben, "join", "lobby", {});
    ben.disconnect();
    await until("ben's leave", () =>
      events.some(
        ([name, diff]) =>
          name === "presence_diff" && Object.keys((diff as { leaves: object }).leaves).length === 1,
      ),
    );
  });

  it("is told when its token expires", async () => {
    const { url } = await startServer({ auth: { jwtSecret: secret } });
    const ann = await connectSocketIo(url, { transports });
    const error = within(
      "phx_error",
      new Promise((resolve) => {
        ann.on("phx_error", (...args: unknown[]) => resolve(args));
      }),
    );
    await ask(ann, "join", "lobby", { token: tokenFor("lobby", "ann", 2) });
    expect(await error).toEqual([
      { reason: "token expired", code: "token_expired" },
      { room: "lobby" },
    ]);
  });

  it("carries its token in auth.token", async () => {
    const { url } = await startServer({ auth: { jwtSecret: secret } });
    const auth = { token: tokenFor("lobby") };
    const ann = await connectSocketIo(url, { transports, auth });
    expect(await ask(ann, "join", "lobby", {})).toMatchObject({ status: "ok" });
    expect(await ask(ann, "join", "staff", {})).toMatchObject({
      status: "error",
      response: { code: "room_forbidden" },
    });
  });

  it("sends and gets binary payloads", async () => {
    const { url } = await startServer(quiet);
    const ann = await connectSocketIo(url, { transports });
    const ben = await connectSocketIo(url, { transports });
    await ask(ann, "join", "lobby", {});
    await ask(ben, "join", "lobby", {});
    const heard = within("the bytes", new Promise((resolve) => ben.on("blob", resolve)));
    await ask(ann, "push", "lobby", "blob", Buffer.from([1, 2, 255]));
    expect(Buffer.from((await heard) as Uint8Array)).toEqual(Buffer.from([1, 2, 255]));
  });
});

describe("a native Socket.IO client", () => {
  it.each([
    ["a join without a room", ["join"], "room_name_invalid"],
    ["a join of a number", ["join", 5, {}], "room_name_invalid"],
    ["a join of an empty name", ["join", "", {}], "room_name_invalid"],
    ["a push into a room that it is not in", ["push", "elsewhere", "x", {}], "room_not_joined"],
    ["a push without an event", ["push", "lobby"], "event_name_invalid"],
    ["a push of a reserved event", ["push", "lobby", "disconnect", {}], "event_name_reserved"],
    [
      "bytes inside JSON, which not every dialect can carry",
      ["push", "lobby", "x", { data: Buffer.from([1]) }],
      "payload_invalid",
    ],
    ["an event of its own", ["chat", "hello"], "event_unknown"],
  ] as const)("is refused %s", async (_what, [request, ...args], code) => {
    const { url } = await startServer(quiet);
    const socket = await connectSocketIo(url);
    await ask(socket, "join", "lobby", {});
    expect(await ask(socket, request, ...args)).toMatchObject({
      status: "error",
      response: { code },
    });
    expect(await ask(socket, "push", "lobby", "fine", {})).toMatchObject({ status: "ok" });
  });

  it("may leave its acknowledgements out", async () => {
    const { url, commonroom } = await startServer(quiet);
    const socket = await connectSocketIo(url);
    socket.emit("join", "lobby");
    await until("the room", () => commonroom.status().rooms === 1);
    socket.emit("push", "lobby", "hello");
    socket.emit("nonsense");
    socket.emit("leave", "lobby");
    await until("the room to be gone", () => commonroom.status().rooms === 0);
  });

  it("joins a room that it is in again, with one membership", async () => {
    const { url } = await startServer();
    const socket = await connectSocketIo(url);
    const states: object[] = [];
    socket.on("presence_state", (state: object) => states.push(state));
    await ask(socket, "join", "lobby", {});
    await ask(socket, "join", "lobby", {});
    await until("the second state", () => states.length === 2);
    const [own] = Object.values(states[1] as Record<string, { metas: object[] }>);
    expect(own?.metas).toHaveLength(1);
  });

  it("is told the room of what server code emits with a payload alone", async () => {
    const { url, commonroom } = await startServer(quiet);
    const socket = await connectSocketIo(url);
    await ask(socket, "join", "lobby", {});
    const heard: unknown[] = [];
    socket.onAny((...event: unknown[]) => heard.push(event));
    commonroom.io.to("lobby").emit("hi", { n: 1 });
    commonroom.io.to("lobby").emit("own arguments", 1, 2);
    commonroom.io.to(socket.id ?? "").emit("private", { n: 2 });
    await until("all three", () => heard.length === 3);
    expect(heard).toEqual([
      ["hi", { n: 1 }, { room: "lobby" }],
      ["own arguments", 1, 2],
      ["private", { n: 2 }],
    ]);
  });

  it("cannot read the private room of another connection", async () => {
    const { url } = await startServer(quiet);
    const ann = await connectSocketIo(url);
    const ben = await connectSocketIo(url);
    expect(await ask(ben, "join", ann.id, {})).toMatchObject({
      status: "error",
      response: { code: "room_forbidden" },
    });
    expect(await ask(ben, "push", ann.id, "hello", {})).toMatchObject({ status: "error" });
  });

  it("is closed when it sends more than the limit", async () => {
    const { url } = await startServer(quiet);
    const socket = await connectSocketIo(url, { reconnection: false });
    const reason = within("the close", new Promise((resolve) => socket.on("disconnect", resolve)));
    socket.emit("push", "lobby", "big", "x".repeat(1_100_000));
    expect(await reason).toBe("transport close");
  });

  it("is closed with 1013 when it reads too slowly, and nobody else notices", async () => {
    const server = await startServer(quiet);
    const slow = await connectSocketIo(server.url, { reconnection: false });
    const quick = await connectSocketIo(server.url);
    await ask(slow, "join", "lobby", {});
    await ask(quick, "join", "lobby", {});
    let heard = 0;
    quick.on("big", () => {
      heard += 1;
    });
    pauseReading(slow);
    const { counters } = server.commonroom.status();
    let sent = 0;
    await until("the slow reader to be closed", () => {
      server.commonroom.io.to("lobby").emit("big", { text: "x".repeat(100_000) });
      sent += 1;
      return counters.slowReadersClosed === 1 || undefined;
    });
    await until("the quick reader to have all", () => heard === sent);
    await until("the slow one to be gone", () => server.commonroom.status().connections === 1);
  });

  it("is disconnected when the server stops, and exits cleanly", async () => {
    const { url, commonroom } = await startServer(quiet);
    const websocket = await connectSocketIo(url, { reconnection: false });
    const polling = await connectSocketIo(url, { reconnection: false, transports: ["polling"] });
    const gone = Promise.all(
      [websocket, polling].map(
        (socket) => new Promise((resolve) => socket.on("disconnect", resolve)),
      ),
    );
    await within("the server to stop", commonroom.close(), 3000);
    await within("both to be disconnected", gone);
  });
});

/** Stops reading from the network, as a client on a stalled line does. */
function pauseReading(socket: Awaited<ReturnType<typeof connectSocketIo>>): void {
  const transport = socket.io.engine.transport as unknown as { ws: { pause(): void } };
  transport.ws.pause();
}
