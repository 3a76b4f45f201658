import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { accept, reject, reply } from "../../server/index.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import { connect, heartbeat, join, setUp } from "./channel-scene.ts";

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
