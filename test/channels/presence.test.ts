import { Presence } from "phoenix";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { accept, type Commonroom, type PresenceState, reply } from "../../server/index.ts";
import { connectPhoenix, joinPhoenix, pushPhoenix } from "../support/phoenix-client.ts";
import { connectRaw, type RawClient } from "../support/raw-client.ts";
import { startServer } from "../support/server.ts";
import { secret, tokenFor } from "../support/tokens.ts";
import { until } from "../support/until.ts";

/** A channel that tracks each member with its name, and lets it change what is said of it. */
function declare(
  commonroom: Commonroom,
  presence?: (state: PresenceState) => PresenceState | Promise<PresenceState>,
) {
  commonroom.channel("room:*", {
    params: z.object({ name: z.string() }),
    join: (_candidate, { name }) => accept({ name }),
    joined: (member) => void member.presence.track({ name: member.state.name }),
    on: {
      rename: {
        payload: z.object({ name: z.string() }),
        handle: (member, { name }) => reply(member.presence.update({ name })),
      },
      hide: {
        handle: (member) => {
          member.presence.untrack();
          return reply();
        },
      },
      again: { handle: (member) => reply(member.presence.track({ name: "twice" })) },
      other: { handle: (member) => reply(member.presence.track({ device: "phone" }, "7")) },
      list: { handle: async (member) => reply(await member.presence.list()) },
      get: {
        payload: z.object({ key: z.string() }),
        handle: async (member, { key }) => reply({ metas: await member.presence.get(key) }),
      },
    },
    ...(presence && { presence: (_room, state: PresenceState) => presence(state) }),
  });
}

async function setUp(presence?: Parameters<typeof declare>[1]) {
  const server = await startServer({ auth: { jwtSecret: secret } });
  declare(server.commonroom, presence);
  const join = async (id: string) => {
    const client = await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0`);
    client.send(["1", "1", "room:a", "phx_join", { name: id, token: tokenFor("room:a", id) }]);
    await client.next();
    return client;
  };
  return { server, join };
}

function payloads(client: RawClient, event: string): Record<string, PresenceState>[] {
  return client.received.flatMap((frame) =>
    Array.isArray(frame) && frame[3] === event ? [frame[4]] : [],
  );
}

const answer = async (client: RawClient, ref: string): Promise<unknown> =>
  until(`the answer to ${ref}`, () => {
    const found = client.received.find((frame) => Array.isArray(frame) && frame[1] === ref);
    return Array.isArray(found) ? (found[4] as unknown) : undefined;
  });

describe("a channel's presence", () => {
  it("track: the member gets presence_state after its reply, the others a diff", async () => {
    const { join } = await setUp();
    const ann = await join("ann");
    expect(await ann.next()).toEqual([
      "1",
      null,
      "room:a",
      "presence_state",
      { ann: { metas: [{ name: "ann", phx_ref: expect.any(String) }] } },
    ]);
    await join("ben");
    const diff = await until("ben's join", () =>
      payloads(ann, "presence_diff").find(({ joins }) => joins !== undefined && "ben" in joins),
    );
    expect(diff).toMatchObject({ joins: { ben: { metas: [{ name: "ben" }] } }, leaves: {} });
  });

  it("update: one diff with the new meta and its phx_ref_prev in joins, the old one in leaves", async () => {
    const { join } = await setUp();
    const ann = await join("ann");
    await until("her own join", () => payloads(ann, "presence_diff").length === 1);
    ann.send(["1", "2", "room:a", "rename", { name: "Annie" }]);
    await until("the update", () => payloads(ann, "presence_diff").length === 2);
    const [joined, updated] = payloads(ann, "presence_diff");
    const former = joined?.["joins"]?.["ann"]?.metas[0]?.phx_ref;
    expect(updated).toEqual({
      joins: {
        ann: { metas: [{ name: "Annie", phx_ref: expect.any(String), phx_ref_prev: former }] },
      },
      leaves: { ann: { metas: [{ name: "ann", phx_ref: former }] } },
    });
  });

  it("untrack: a diff with a leave; the member stays in the room", async () => {
    const { server, join } = await setUp();
    const ann = await join("ann");
    ann.send(["1", "2", "room:a", "hide", {}]);
    await until("the leave", () =>
      payloads(ann, "presence_diff").some(({ leaves }) => leaves !== undefined && "ann" in leaves),
    );
    ann.send(["1", "3", "room:a", "list", {}]);
    expect(await answer(ann, "3")).toEqual({ status: "ok", response: {} });
    expect(server.commonroom.status().rooms).toBe(1);
  });

  it("list and get: everyone, or the metas of one key; keys are strings", async () => {
    const { server, join } = await setUp();
    const ann = await join("ann");
    ann.send(["1", "2", "room:a", "other", {}]);
    ann.send(["1", "3", "room:a", "get", { key: "7" }]);
    ann.send(["1", "4", "room:a", "get", { key: "constructor" }]);
    expect(await answer(ann, "3")).toMatchObject({ response: { metas: [{ device: "phone" }] } });
    expect(await answer(ann, "4")).toMatchObject({ response: { metas: [] } });
    expect(Object.keys(await server.commonroom.presences("room:a"))).toEqual(["7", "ann"]);
    expect(await server.commonroom.presences("nowhere")).toEqual({});
  });

  it("tracking a key twice is an error of the channel, which costs the member the room", async () => {
    const { join } = await setUp();
    const ann = await join("ann");
    ann.send(["1", "2", "room:a", "again", {}]);
    await until("phx_error", () => payloads(ann, "phx_error").length === 1);
  });

  it.each([
    ["at once", (state: PresenceState) => decorated(state)],
    ["later", async (state: PresenceState) => decorated(state)],
  ])(
    "gets what the channel adds to it (%s), in states and diffs, in order",
    async (_when, fetch) => {
      const { join } = await setUp(fetch);
      const ann = await join("ann");
      expect(await ann.next()).toMatchObject([
        "1",
        null,
        "room:a",
        "presence_state",
        { ann: { user: "user of ann", metas: [{ name: "ann" }] } },
      ]);
      const ben = await join("ben");
      await until("ben's join", () =>
        payloads(ann, "presence_diff").some(
          ({ joins }) => joins?.["ben"]?.["user"] === "user of ben",
        ),
      );
      ben.webSocket.close();
      await until("ben's leave", () =>
        payloads(ann, "presence_diff").some(
          ({ leaves }) => leaves?.["ben"]?.["user"] === "user of ben",
        ),
      );
    },
  );

  it("is told without additions where they fail", async () => {
    const { join } = await setUp(() => {
      throw new Error("boom");
    });
    const ann = await join("ann");
    expect(await ann.next()).toMatchObject([
      "1",
      null,
      "room:a",
      "presence_state",
      { ann: { metas: [{ name: "ann" }] } },
    ]);
  });

  it("works with phoenix.js's own Presence, updates included", async () => {
    const { server } = await setUp();
    const params = { name: "ann", token: tokenFor("room:a", "ann") };
    const channel = connectPhoenix(`${server.wsUrl}/socket`).channel("room:a", params);
    const presence = new Presence(channel);
    const names = () =>
      presence.list((_key, { metas }) => metas.map((meta: { name?: string }) => meta.name)).flat();
    await joinPhoenix(channel);
    await until("ann", () => names().includes("ann"));
    await pushPhoenix(channel, "rename", { name: "Annie" });
    await until("only Annie", () => names().length === 1 && names()[0] === "Annie");
  });
});

function decorated(state: PresenceState): PresenceState {
  return Object.fromEntries(
    Object.entries(state).map(([key, entry]) => [key, { ...entry, user: `user of ${key}` }]),
  );
}
