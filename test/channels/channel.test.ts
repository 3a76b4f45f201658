import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  accept,
  type Commonroom,
  type LeaveReason,
  type PushRequest,
  reject,
  reply,
  replyError,
} from "../../server/index.ts";
import { connectRaw, type RawClient } from "../support/raw-client.ts";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";

/** A phoenix.js connection by hand. */
async function connect(wsUrl: string): Promise<RawClient> {
  return connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
}

async function setUp(declare: (commonroom: Commonroom) => void) {
  const server = await startServer();
  declare(server.commonroom);
  const client = await connect(server.wsUrl);
  return { server, client };
}

const heartbeat = [null, "h", "phoenix", "heartbeat", {}];

/** Joins, and takes the good reply. */
async function join(client: RawClient, room: string, params: object = {}): Promise<unknown> {
  client.send(["1", "1", room, "phx_join", params]);
  return client.next();
}

describe("a channel's join", () => {
  it("answers with what it accepts with, and keeps state for the member", async () => {
    const { client } = await setUp((commonroom) =>
      commonroom.channel("room:*", {
        params: z.object({ name: z.string() }),
        join: ({ room }, { name }) => accept({ name }, { welcome: `${name} in ${room}` }),
        on: { whoami: { handle: (member) => reply({ name: member.state.name }) } },
      }),
    );
    expect(await join(client, "room:a", { name: "Ann" })).toEqual([
      "1",
      "1",
      "room:a",
      "phx_reply",
      { status: "ok", response: { welcome: "Ann in room:a" } },
    ]);
    client.send(["1", "2", "room:a", "whoami", {}]);
    expect(await client.next()).toEqual([
      "1",
      "2",
      "room:a",
      "phx_reply",
      { status: "ok", response: { name: "Ann" } },
    ]);
  });

  it("is refused with its reason, and nothing of the room is heard", async () => {
    const { server, client } = await setUp((commonroom) =>
      commonroom.channel("room:*", { join: () => reject("unauthorized", { code: "no_entry" }) }),
    );
    expect(await join(client, "room:a")).toEqual([
      "1",
      "1",
      "room:a",
      "phx_reply",
      { status: "error", response: { reason: "unauthorized", code: "no_entry" } },
    ]);
    server.commonroom.io.to("room:a").emit("hi", {});
    client.send(heartbeat);
    expect(await client.next()).toMatchObject([null, "h", "phoenix", "phx_reply", {}]);
  });

  it("whose params do not fit is answered with the failing path", async () => {
    const { client } = await setUp((commonroom) =>
      commonroom.channel("room:*", {
        params: v.object({ user: v.object({ name: v.string() }) }),
        join: (_candidate, params) => accept(params.user.name),
      }),
    );
    expect(await join(client, "room:a", { user: { name: 5 } })).toMatchObject([
      "1",
      "1",
      "room:a",
      "phx_reply",
      {
        status: "error",
        response: { code: "payload_invalid", issues: [{ path: ["user", "name"] }] },
      },
    ]);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("boom");
      },
    ],
    ["rejects", () => Promise.reject(new Error("boom"))],
  ])("that %s is answered 'join crashed', and the connection lives on", async (_what, crash) => {
    const { client } = await setUp((commonroom) => commonroom.channel("room:*", { join: crash }));
    expect(await join(client, "room:a")).toEqual([
      "1",
      "1",
      "room:a",
      "phx_reply",
      { status: "error", response: { reason: "join crashed", code: "join_crashed" } },
    ]);
    client.send(heartbeat);
    expect(await client.next()).toMatchObject([null, "h", "phoenix", "phx_reply", {}]);
  });

  it("of a room that no pattern covers is unmatched; the first pattern wins", async () => {
    const { client } = await setUp((commonroom) => {
      commonroom.channel("food*", { join: () => accept(undefined, { by: "food" }) });
      commonroom.channel("foo*", { join: () => accept(undefined, { by: "foo" }) });
      commonroom.channel("exact", { join: () => accept(undefined, { by: "exact" }) });
    });
    const by = async (room: string) => {
      const frame = await join(client, room);
      return Array.isArray(frame) ? frame[4] : undefined;
    };
    expect(await by("foods")).toMatchObject({ response: { by: "food" } });
    expect(await by("foot")).toMatchObject({ response: { by: "foo" } });
    expect(await by("exact")).toMatchObject({ response: { by: "exact" } });
    expect(await join(client, "exactly")).toEqual([
      null,
      "1",
      "exactly",
      "phx_reply",
      { status: "error", response: { reason: "unmatched topic", code: "room_unmatched" } },
    ]);
  });

  it("that takes its time holds up neither the heartbeat nor other rooms", async () => {
    let letIn = () => {};
    const { client } = await setUp((commonroom) => {
      commonroom.channel("slow", {
        join: () =>
          new Promise<ReturnType<typeof accept>>((resolve) => {
            letIn = () => resolve(accept(undefined));
          }),
        on: { hello: { handle: () => reply({ from: "slow" }) } },
      });
      commonroom.channel("quick", {});
    });
    client.send(["1", "1", "slow", "phx_join", {}]);
    client.send(["1", "2", "slow", "hello", {}]);
    client.send(heartbeat);
    expect(await client.next()).toMatchObject([null, "h", "phoenix", "phx_reply", {}]);
    client.send(["3", "3", "quick", "phx_join", {}]);
    expect(await client.next()).toMatchObject(["3", "3", "quick", "phx_reply", { status: "ok" }]);
    letIn();
    expect(await client.next()).toMatchObject(["1", "1", "slow", "phx_reply", { status: "ok" }]);
    expect(await client.next()).toEqual([
      "1",
      "2",
      "slow",
      "phx_reply",
      { status: "ok", response: { from: "slow" } },
    ]);
  });

  it("that is repeated, left and repeated while it takes its time ends in one known order", async () => {
    const { client } = await setUp((commonroom) =>
      commonroom.channel("slow", {
        join: async () => {
          await new Promise(setImmediate);
          return accept(undefined);
        },
      }),
    );
    client.send(["1", "1", "slow", "phx_join", {}]);
    client.send(["2", "2", "slow", "phx_join", {}]);
    client.send(["2", "3", "slow", "phx_leave", {}]);
    client.send(["4", "4", "slow", "phx_join", {}]);
    const frames = [];
    for (let n = 0; n < 6; n += 1) frames.push(await client.next());
    expect(frames.map((frame) => (Array.isArray(frame) ? frame.slice(0, 4) : frame))).toEqual([
      ["1", "1", "slow", "phx_reply"],
      ["2", "2", "slow", "phx_reply"],
      ["1", "1", "slow", "phx_close"],
      ["2", "3", "slow", "phx_reply"],
      ["2", "2", "slow", "phx_close"],
      ["4", "4", "slow", "phx_reply"],
    ]);
  });

  it("of a client that has gone meanwhile makes nobody a member", async () => {
    let letIn = () => {};
    let joined = 0;
    const { server, client } = await setUp((commonroom) =>
      commonroom.channel("slow", {
        join: () =>
          new Promise<ReturnType<typeof accept>>((resolve) => {
            letIn = () => resolve(accept(undefined));
          }),
        joined: () => {
          joined += 1;
        },
      }),
    );
    client.send(["1", "1", "slow", "phx_join", {}]);
    client.send(heartbeat);
    await client.next();
    client.webSocket.terminate();
    await until("the server to notice", () => server.commonroom.status().connections === 0);
    letIn();
    const other = await connect(server.wsUrl);
    other.send(heartbeat);
    await other.next();
    expect(joined).toBe(0);
    expect(server.commonroom.status().rooms).toBe(0);
  });

  it("that never ends counts as a room of its connection", async () => {
    const server = await startServer({ limits: { maxRoomsPerConnection: 2 } });
    server.commonroom.channel("slow:*", { join: () => new Promise<never>(() => {}) });
    const client = await connect(server.wsUrl);
    for (const n of ["1", "2", "3"]) client.send([n, n, `slow:${n}`, "phx_join", {}]);
    expect(await client.next()).toMatchObject([
      "3",
      "3",
      "slow:3",
      "phx_reply",
      { status: "error", response: { reason: "too many channels joined" } },
    ]);
  });
});

describe("a channel's events", () => {
  const counting = (commonroom: Commonroom) =>
    commonroom.channel("room:*", {
      join: () => accept({ count: 0 }),
      on: {
        add: {
          payload: z.object({ n: z.number() }),
          handle: (member, { n }) => {
            member.state.count += n;
            return reply({ count: member.state.count });
          },
        },
        fail: { handle: () => replyError({ reason: "no" }) },
        custom: { handle: () => ({ status: "custom", response: { y: 1 } }) },
        quiet: { handle: () => {} },
        crash: {
          handle: () => {
            throw new Error("boom");
          },
        },
        reject: { handle: () => Promise.reject(new Error("boom")) },
        stop: { handle: (member) => member.stop() },
        bye: {
          handle: (member, _payload, request) => {
            request.reply(reply({ bye: true }));
            member.stop();
          },
        },
        bytes: { handle: () => reply(new Uint8Array([1, 2])) },
      },
    });

  it.each([
    ["add", { n: 2 }, { status: "ok", response: { count: 2 } }],
    ["fail", {}, { status: "error", response: { reason: "no" } }],
    ["custom", {}, { status: "custom", response: { y: 1 } }],
  ])("are answered by their handler: %s", async (event, payload, answer) => {
    const { client } = await setUp(counting);
    await join(client, "room:a");
    client.send(["1", "2", "room:a", event, payload]);
    expect(await client.next()).toEqual(["1", "2", "room:a", "phx_reply", answer]);
  });

  it("whose payload does not fit are answered with the failing path, and the next works", async () => {
    const { client } = await setUp(counting);
    await join(client, "room:a");
    client.send(["1", "2", "room:a", "add", { n: "two" }]);
    expect(await client.next()).toMatchObject([
      "1",
      "2",
      "room:a",
      "phx_reply",
      { status: "error", response: { code: "payload_invalid", issues: [{ path: ["n"] }] } },
    ]);
    client.send(["1", "3", "room:a", "add", { n: 1 }]);
    expect(await client.next()).toMatchObject(["1", "3", "room:a", "phx_reply", { status: "ok" }]);
  });

  it("that nobody handles are refused, and the channel lives on", async () => {
    const { client } = await setUp(counting);
    await join(client, "room:a");
    for (const event of ["unknown", "constructor", "__proto__"]) {
      client.send(["1", "2", "room:a", event, {}]);
      expect(await client.next()).toMatchObject([
        "1",
        "2",
        "room:a",
        "phx_reply",
        { status: "error", response: { code: "event_unhandled" } },
      ]);
    }
  });

  it("get no reply where the handler gives none", async () => {
    const { client } = await setUp(counting);
    await join(client, "room:a");
    client.send(["1", "2", "room:a", "quiet", {}]);
    client.send(["1", "3", "room:a", "add", { n: 1 }]);
    expect(await client.next()).toMatchObject(["1", "3", "room:a", "phx_reply", {}]);
  });

  it.each(["crash", "reject"])(
    "whose handler throws (%s) cost the member that room only, and get no reply",
    async (event) => {
      const { client } = await setUp(counting);
      await join(client, "room:a");
      client.send(["9", "9", "room:b", "phx_join", {}]);
      await client.next();
      client.send(["1", "2", "room:a", event, {}]);
      expect(await client.next()).toEqual([
        "1",
        "1",
        "room:a",
        "phx_error",
        { reason: "channel_crash", code: "push_crashed" },
      ]);
      client.send(["1", "3", "room:a", "add", { n: 1 }]);
      expect(await client.next()).toMatchObject([
        null,
        "3",
        "room:a",
        "phx_reply",
        { status: "error", response: { reason: "unmatched topic" } },
      ]);
      client.send(["9", "4", "room:b", "add", { n: 1 }]);
      expect(await client.next()).toMatchObject([
        "9",
        "4",
        "room:b",
        "phx_reply",
        { status: "ok" },
      ]);
    },
  );

  it("may stop the membership, with a reply before the close or without", async () => {
    const { client } = await setUp(counting);
    await join(client, "room:a");
    client.send(["1", "2", "room:a", "bye", {}]);
    expect(await client.next()).toEqual([
      "1",
      "2",
      "room:a",
      "phx_reply",
      { status: "ok", response: { bye: true } },
    ]);
    expect(await client.next()).toEqual(["1", "1", "room:a", "phx_close", {}]);
    await join(client, "room:b");
    client.send(["1", "2", "room:b", "stop", {}]);
    expect(await client.next()).toEqual(["1", "1", "room:b", "phx_close", {}]);
  });

  it("of one member are handled one after the other, also where handlers take their time", async () => {
    const order: string[] = [];
    const { client } = await setUp((commonroom) =>
      commonroom.channel("room:*", {
        on: {
          step: {
            payload: z.object({ n: z.number() }),
            handle: async (_member, { n }) => {
              order.push(`start ${n}`);
              await new Promise(setImmediate);
              order.push(`end ${n}`);
              return reply({ n });
            },
          },
        },
      }),
    );
    await join(client, "room:a");
    for (const n of [1, 2, 3]) client.send(["1", `p${n}`, "room:a", "step", { n }]);
    for (const n of [1, 2, 3]) {
      expect(await client.next()).toMatchObject(["1", `p${n}`, "room:a", "phx_reply", {}]);
    }
    expect(order).toEqual(["start 1", "end 1", "start 2", "end 2", "start 3", "end 3"]);
  });

  it("that pile up behind one that never ends are refused at last", async () => {
    const server = await startServer({ limits: { maxWaitingPushes: 2 } });
    server.commonroom.channel("room:*", {
      on: { hang: { handle: () => new Promise<never>(() => {}) } },
    });
    const client = await connect(server.wsUrl);
    await join(client, "room:a");
    for (const n of ["2", "3", "4", "5"]) client.send(["1", n, "room:a", "hang", {}]);
    expect(await client.next()).toMatchObject([
      null,
      "5",
      "room:a",
      "phx_reply",
      { status: "error", response: { code: "too_many_waiting" } },
    ]);
  });

  it("can be answered later, by the kept request, also more than once", async () => {
    const kept: PushRequest[] = [];
    const { client } = await setUp((commonroom) =>
      commonroom.channel("room:*", {
        on: { ask: { handle: (_member, _payload, request) => void kept.push(request) } },
      }),
    );
    await join(client, "room:a");
    client.send(["1", "2", "room:a", "ask", {}]);
    await until("the request", () => kept.length === 1);
    kept[0]?.reply(reply({ n: 1 }));
    kept[0]?.reply(reply({ n: 2 }));
    expect(await client.next()).toMatchObject([
      "1",
      "2",
      "room:a",
      "phx_reply",
      { response: { n: 1 } },
    ]);
    expect(await client.next()).toMatchObject([
      "1",
      "2",
      "room:a",
      "phx_reply",
      { response: { n: 2 } },
    ]);
  });

  it("that are answered after their sender has left are answered no more", async () => {
    const kept: PushRequest[] = [];
    const { client } = await setUp((commonroom) =>
      commonroom.channel("room:*", {
        on: { ask: { handle: (_member, _payload, request) => void kept.push(request) } },
      }),
    );
    await join(client, "room:a");
    client.send(["1", "2", "room:a", "ask", {}]);
    client.send(["1", "3", "room:a", "phx_leave", {}]);
    expect(await client.next()).toMatchObject(["1", "3", "room:a", "phx_reply", {}]);
    expect(await client.next()).toEqual(["1", "1", "room:a", "phx_close", {}]);
    kept[0]?.reply(reply());
    client.send(heartbeat);
    expect(await client.next()).toMatchObject([null, "h", "phoenix", "phx_reply", {}]);
  });

  it("reach 'otherwise' where they have no handler of their own", async () => {
    const { client } = await setUp((commonroom) =>
      commonroom.channel("room:*", {
        otherwise: (_member, event, payload) => reply({ event, payload }),
      }),
    );
    await join(client, "room:a");
    client.send(["1", "2", "room:a", "user:typing", { x: 1 }]);
    expect(await client.next()).toMatchObject([
      "1",
      "2",
      "room:a",
      "phx_reply",
      { status: "ok", response: { event: "user:typing", payload: { x: 1 } } },
    ]);
  });
});

describe("what a channel sends", () => {
  const talking = (commonroom: Commonroom) =>
    commonroom.channel("room:*", {
      joined: (member) => member.push("welcome", { id: member.room }),
      on: {
        all: { handle: (member, payload) => member.broadcast("said", payload) },
        others: { handle: (member, payload) => member.broadcastFrom("said", payload) },
      },
    });

  it("reaches the member alone, all members, or all but it, whatever they speak", async () => {
    const { server, client } = await setUp(talking);
    await join(client, "room:a");
    expect(await client.next()).toEqual(["1", null, "room:a", "welcome", { id: "room:a" }]);
    const native = await connectSocketIo(server.url);
    const heard: unknown[] = [];
    native.onAny((...event: unknown[]) => heard.push(event));
    expect(await ask(native, "join", "room:a", {})).toEqual({ status: "ok", response: {} });
    client.send(["1", "2", "room:a", "all", { n: 1 }]);
    expect(await client.next()).toEqual([null, null, "room:a", "said", { n: 1 }]);
    client.send(["1", "3", "room:a", "others", { n: 2 }]);
    native.emit("push", "room:a", "others", { n: 3 });
    expect(await client.next()).toEqual([null, null, "room:a", "said", { n: 3 }]);
    await until("all three", () => heard.length === 3);
    expect(heard).toEqual([
      ["welcome", { id: "room:a" }, { room: "room:a" }],
      ["said", { n: 1 }, { room: "room:a" }],
      ["said", { n: 2 }, { room: "room:a" }],
    ]);
  });

  it("passes by the channel for each member where it intercepts the event", async () => {
    const { server, client } = await setUp((commonroom) =>
      commonroom.channel("room:*", {
        params: z.object({ name: z.string() }),
        join: (_candidate, { name }) => accept({ name }),
        intercept: {
          news: (member, payload) =>
            member.state.name === "deaf" ? undefined : { payload, for: member.state.name },
        },
      }),
    );
    await join(client, "room:a", { name: "ann" });
    const deaf = await connect(server.wsUrl);
    await join(deaf, "room:a", { name: "deaf" });
    const native = await connectSocketIo(server.url);
    const heard: unknown[] = [];
    native.onAny((...event: unknown[]) => heard.push(event));
    await ask(native, "join", "room:a", { name: "ben" });
    server.commonroom.io.to("room:a").emit("news", { n: 1 });
    server.commonroom.io.to("room:a").emit("other", { n: 2 });
    expect(await client.next()).toEqual([
      "1",
      null,
      "room:a",
      "news",
      { payload: { n: 1 }, for: "ann" },
    ]);
    expect(await client.next()).toEqual([null, null, "room:a", "other", { n: 2 }]);
    expect(await deaf.next()).toEqual([null, null, "room:a", "other", { n: 2 }]);
    await until("both", () => heard.length === 2);
    expect(heard[0]).toEqual(["news", { payload: { n: 1 }, for: "ben" }, { room: "room:a" }]);
  });
});

describe("an intercepted event", () => {
  it("is sent once, also where server code looks up the members afterwards", async () => {
    const { server, client } = await setUp((commonroom) =>
      commonroom.channel("room:*", { intercept: { news: (_member, payload) => payload } }),
    );
    await join(client, "room:a");
    const { io } = server.commonroom;
    io.to("room:a").emit("news", { n: 1 });
    expect(await io.in("room:a").fetchSockets()).toHaveLength(1);
    io.in("room:a").socketsJoin("elsewhere");
    io.to("room:a").emit("last", {});
    expect(await client.next()).toEqual(["1", null, "room:a", "news", { n: 1 }]);
    expect(await client.next()).toEqual([null, null, "room:a", "last", {}]);
  });

  it("of a handler that throws costs that member the room", async () => {
    const { server, client } = await setUp((commonroom) =>
      commonroom.channel("room:*", {
        intercept: {
          news: () => {
            throw new Error("boom");
          },
        },
      }),
    );
    await join(client, "room:a");
    server.commonroom.io.to("room:a").emit("news", {});
    expect(await client.next()).toMatchObject(["1", "1", "room:a", "phx_error", {}]);
  });
});

describe("a channel's leave", () => {
  it("is answered with an empty object, and phx_close follows", async () => {
    const { client } = await setUp((commonroom) => commonroom.channel("room:*", {}));
    await join(client, "room:a");
    client.send(["1", "2", "room:a", "phx_leave", {}]);
    const good = { status: "ok", response: {} };
    expect(await client.next()).toEqual(["1", "2", "room:a", "phx_reply", good]);
    expect(await client.next()).toEqual(["1", "1", "room:a", "phx_close", {}]);
  });

  it("is called once with the reason", async () => {
    const reasons: LeaveReason[] = [];
    const { server, client } = await setUp((commonroom) =>
      commonroom.channel("room:*", {
        on: { stop: { handle: (member) => member.stop() } },
        leave: (_member, reason) => void reasons.push(reason),
      }),
    );
    await join(client, "room:a");
    client.send(["1", "2", "room:a", "phx_leave", {}]);
    await until("left", () => reasons.length === 1);
    await join(client, "room:b");
    await join(client, "room:b");
    client.send(["1", "2", "room:b", "stop", {}]);
    await until("replaced and stopped", () => reasons.length === 3);
    await join(client, "room:c");
    await join(client, "room:d");
    await until("both rooms", () => server.commonroom.status().rooms === 2);
    server.commonroom.io.in("room:c").socketsLeave("room:c");
    client.webSocket.terminate();
    await until("removed and disconnected", () => reasons.length === 5);
    expect(reasons).toEqual(["left", "replaced", "stopped", "removed", "disconnected"]);
  });
});

describe("the relay", () => {
  it("goes on beside channels where it is asked to", async () => {
    const server = await startServer({ relay: true });
    server.commonroom.channel("room:*", { join: () => reject("closed") });
    const client = await connect(server.wsUrl);
    expect(await join(client, "room:a")).toMatchObject([
      "1",
      "1",
      "room:a",
      "phx_reply",
      { status: "error" },
    ]);
    expect(await join(client, "lobby")).toMatchObject([
      "1",
      "1",
      "lobby",
      "phx_reply",
      { status: "ok" },
    ]);
  });
});
