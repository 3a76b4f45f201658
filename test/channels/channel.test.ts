import { describe, expect, it } from "vitest";
import { z } from "zod";
import { accept, type Commonroom, type LeaveReason, reject } from "../../server/index.ts";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";
import { connect, join, setUp } from "./channel-scene.ts";

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
