import { describe, expect, it } from "vitest";
import { type CommonroomOptions, reply } from "../../server/index.ts";
import { connectPlain, heardBy, joinPlain } from "../support/plain-client.ts";
import { connectRaw } from "../support/raw-client.ts";
import type { TestServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";
import { connectLogClient, eventsOf, joinLog, waitForEvents } from "./log-client.ts";
import { startLogServer, stores } from "./stores.ts";

const ROOM = "log:a";

function logging(room: object = {}): CommonroomOptions {
  return { rooms: [{ match: "log:*", log: {}, ...room }] };
}

/** What a member that joins now recovers from the start. */
async function historyOf(server: TestServer, room = ROOM) {
  const client = await connectLogClient("socket.io", server);
  const { offset } = await joinLog(client, room, { since: 0 });
  return waitForEvents(client, offset);
}

describe.each(stores)("A room's log in %s", (store) => {
  it("keeps what a payload was when it was sent", async () => {
    const server = await startLogServer(store, logging());
    const count = { n: 1 };
    server.commonroom.io.to(ROOM).emit("count", count);
    count.n = 2;
    server.commonroom.io.to(ROOM).emit("count", count);
    expect(await historyOf(server)).toMatchObject([{ payload: { n: 1 } }, { payload: { n: 2 } }]);
  });

  it("keeps bytes, and events without a payload", async () => {
    const server = await startLogServer(store, logging());
    const bytes = Buffer.from([1, 2, 3]);
    server.commonroom.io.to(ROOM).emit("bytes", bytes);
    bytes.fill(0);
    server.commonroom.io.to(ROOM).emit("tick");
    const [first, second] = await historyOf(server);
    expect(first?.payload).toEqual(Buffer.from([1, 2, 3]));
    expect(second).toMatchObject({ event: "tick", payload: {}, offset: 2 });
  });

  it("has no volatile events, no presence, none for several rooms and none of another namespace", async () => {
    const server = await startLogServer(store, logging());
    const { io } = server.commonroom;
    const member = await connectSocketIo(server.url);
    const heard: [string, object | undefined][] = [];
    member.onAny((event: string, _payload: unknown, meta?: object) => heard.push([event, meta]));
    await ask(member, "join", ROOM, {});
    io.volatile.to(ROOM).emit("volatile", {});
    io.to([ROOM, "log:b"]).emit("several", {});
    io.of("/other").to(ROOM).emit("elsewhere", {});
    io.to(ROOM).emit("arguments", 1, {}, 2);
    io.to(ROOM).emit("mixed", { bytes: Buffer.from([1]) });
    io.to(ROOM).emit("last", {});
    const last = await until("the last event", () => heard.find(([event]) => event === "last"));
    expect(last[1]).toEqual({ room: ROOM, offset: 1 });
    for (const [event, meta] of heard) {
      if (event !== "last") expect(meta ?? {}).not.toHaveProperty("offset");
    }
    expect(await historyOf(server)).toMatchObject([{ event: "last", offset: 1 }]);
  });

  it("has what a member sends while it is alone, and gives offsets only where a room has one", async () => {
    const server = await startLogServer(store, logging());
    const client = await connectLogClient("v2", server);
    await joinLog(client, ROOM);
    await client.join("lobby");
    expect(await client.push(ROOM, "said", { n: 1 })).toMatchObject({ response: { offset: 1 } });
    expect(await client.push("lobby", "said", { _sequence: 1 })).toEqual({
      status: "ok",
      response: {},
    });
    expect(await historyOf(server)).toMatchObject([{ payload: { n: 1 } }]);
  });

  it("leaves positions and numberings of other rooms alone", async () => {
    const server = await startLogServer(store, logging());
    const ann = await connectLogClient("plain", server);
    const ben = await connectLogClient("v2", server);
    expect(await ann.join("lobby", { since: "whenever" })).toMatchObject({ status: "ok" });
    await ben.join("lobby");
    await ann.push("lobby", "said", { _sequence: "a", _offset: 7 });
    expect(await waitForEvents(ben, 1)).toMatchObject([{ marks: { sequence: "a" } }]);
  });

  it("echoes to the sender where the room does, before the reply", async () => {
    const server = await startLogServer(store, logging({ echo: true }));
    const client = await connectLogClient("plain", server);
    await joinLog(client, ROOM);
    await client.push(ROOM, "said", { n: 1 });
    expect(eventsOf(client)).toMatchObject([{ payload: { n: 1 }, offset: 1 }]);
  });

  it("can be an application's channel's, whose interceptor sees what is recovered", async () => {
    const server = await startLogServer(store, { rooms: [] });
    server.commonroom.channel("chat:*", {
      log: { size: 10, ttl: "5m" },
      on: {
        say: {
          handle(member, payload) {
            member.broadcast("said", payload);
            return reply({ thanks: true });
          },
        },
      },
      intercept: {
        said: (_member, payload) => {
          const { secret: _secret, ...rest } = payload as { secret?: string };
          return "hidden" in rest ? undefined : rest;
        },
      },
    });
    const ann = await connectLogClient("v2", server);
    expect(await joinLog(ann, "chat:1")).toMatchObject({ offset: 0 });
    for (const payload of [{ n: 1, secret: "x" }, { hidden: true }, { n: 3 }]) {
      await ann.push("chat:1", "say", payload);
    }
    const expected = [
      { payload: { n: 1 }, offset: 1 },
      { payload: { n: 3 }, offset: 3 },
    ];
    expect(await waitForEvents(ann, 2)).toMatchObject(expected);
    const ben = await connectLogClient("plain", server);
    expect(await joinLog(ben, "chat:1", { since: 0 })).toMatchObject({
      recovered: true,
      offset: 3,
    });
    expect(await waitForEvents(ben, 2)).toMatchObject(expected);
  });

  it("is one under all names of its room", async () => {
    const server = await startLogServer(store, logging({ aliases: ["old:*"] }));
    const ann = await connectLogClient("v2", server);
    await joinLog(ann, "old:a");
    server.commonroom.io.to(ROOM).emit("said", { n: 1 });
    const ben = await connectLogClient("plain", server);
    await joinLog(ben, "old:a", { since: 0 });
    expect(await waitForEvents(ben, 1)).toMatchObject([{ room: "old:a", offset: 1 }]);
    expect(await waitForEvents(ann, 1)).toMatchObject([{ room: "old:a", offset: 1 }]);
  });

  it("is kept of no room called admin", async () => {
    const server = await startLogServer(store, { rooms: [{ match: "*", log: {} }] });
    const client = await connectLogClient("v2", server);
    const { response } = await client.join("admin");
    expect(response).not.toHaveProperty("epoch");
  });
});

describe("An offset", () => {
  const store = "memory";

  it("goes last in a plain frame, and a payload that has one of its own travels as data", async () => {
    const server = await startLogServer(store, logging());
    const client = await joinPlain(server, ROOM);
    server.commonroom.io.to(ROOM).emit("message", { text: "hi" });
    server.commonroom.io.to(ROOM).emit("message", { _offset: 9 });
    server.commonroom.io.to(ROOM).emit("message", [1]);
    const frames = await until("three frames", () => {
      return client.received.length === 4 && client.received.slice(1);
    });
    expect(frames).toEqual([
      { text: "hi", _room: ROOM, _offset: 1 },
      { data: { _offset: 9 }, _room: ROOM, _offset: 2 },
      { data: [1], _room: ROOM, _offset: 3 },
    ]);
    expect(Object.keys(frames[0] as object).at(-1)).toBe("_offset");
  });

  it("is in the head of a binary plain frame, and with what stands for bytes", async () => {
    const server = await startLogServer(store, logging());
    const binary = await joinPlain(server, ROOM, { binary: true });
    const text = await connectPlain(server);
    text.send({ type: "_join", room: ROOM, _id: 1 });
    await text.next();
    server.commonroom.io.to(ROOM).emit("message", Buffer.from([1]));
    const frame = (await binary.next()) as Buffer;
    expect(frame.toString("latin1")).toBe(`{"_room":"${ROOM}","_offset":1}\n\u0001`);
    expect(await heardBy(text)).toMatchObject([{ _event: "phx_undeliverable", _offset: 1 }]);
  });

  it.each([
    [undefined, { a: 1, _offset: 1 }, { _offset: 2 }, [1]],
    ["payload", { a: 1, _offset: 1 }, { _offset: 2 }, [1]],
    [
      "envelope",
      { offset: 1, payload: { a: 1 } },
      { offset: 2, payload: {} },
      { offset: 3, payload: [1] },
    ],
    ["none", { a: 1 }, {}, [1]],
  ] as const)("is where phoenix_offset = %s puts it", async (phoenixOffset, ...expected) => {
    const server = await startLogServer(store, logging({ phoenixOffset }));
    for (const vsn of ["1.0.0", "2.0.0"]) {
      const room = `log:${vsn}`;
      const client = await connectRaw(`${server.wsUrl}/socket/websocket?vsn=${vsn}`);
      client.send(
        vsn === "1.0.0"
          ? { topic: room, event: "phx_join", payload: {}, ref: "1" }
          : ["1", "1", room, "phx_join", {}],
      );
      await client.next();
      await client.next();
      const heard: unknown[] = [];
      for (const payload of [{ a: 1 }, {}, [1]])
        server.commonroom.io.to(room).emit("told", payload);
      while (heard.length < 3) {
        const frame = await client.next();
        const [, , , event, payload] = Array.isArray(frame)
          ? frame
          : [0, 0, 0, ...Object.values(frame as object).slice(1)];
        if (event === "told") heard.push(payload);
      }
      expect(heard).toEqual(expected);
    }
  });
});
