import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  accept,
  type Commonroom,
  type PushRequest,
  reply,
  replyError,
} from "../../server/index.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import { connect, heartbeat, join, setUp } from "./channel-scene.ts";

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
