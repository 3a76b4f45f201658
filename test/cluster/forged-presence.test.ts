import { describe, expect, it } from "vitest";
import { Seal } from "../../server/bus/seal.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { secret, tokenFor } from "../support/tokens.ts";
import { until } from "../support/until.ts";

const CHANNEL = "commonroom:presence";
const LOSS_CHANNEL = "commonroom:losses";
const stranger = new Seal("not the nodes' secret");
/** A message as it is, and with a seal that looks like the nodes'. */
const forgeries = (channel: string, message: string): readonly string[] => [
  message,
  stranger.close(channel, message),
];

/** Who is in the lobby, as a node says. */
async function presentAt({ commonroom }: TestServer): Promise<string[]> {
  const ids = Object.keys(await commonroom.presences("lobby"));
  return ids.toSorted((one, other) => (one < other ? -1 : 1));
}

async function setUp() {
  const redis = await startRedis();
  const options = { redisUrl: redis.url, auth: { jwtSecret: secret } };
  const servers = [await startServer(options), await startServer(options)] as const;
  for (const [index, { url }] of servers.entries()) {
    const client = await connectSocketIo(url);
    const token = tokenFor("lobby", `member ${index}`);
    expect(await ask(client, "join", "lobby", { token })).toMatchObject({ status: "ok" });
  }
  const both = ["member 0", "member 1"];
  const arePresent = (ids: readonly string[]) =>
    until(`${ids.join()} to be present everywhere`, async () => {
      const all = await Promise.all(servers.map(presentAt));
      return all.every((present) => present.join() === ids.join());
    });
  await arePresent(both);
  const backend = await connectBackend(redis.url);
  const channels = await backend.sendCommand<string[]>(["PUBSUB", "CHANNELS", `${CHANNEL}:*`]);
  const ids = channels.map((channel) => channel.slice(CHANNEL.length + 1));
  return { servers, backend, ids, both, arePresent };
}

describe("somebody on Redis who knows the nodes' ids, and not their secret,", () => {
  it("can speak as none of them: it is counted, and nobody comes or goes", async () => {
    const { servers, backend, ids, both, arePresent } = await setUp();
    expect(ids).toHaveLength(2);
    const told: unknown[] = [];
    const witness = await connectSocketIo(servers[0].url);
    const token = tokenFor("lobby", "witness");
    await ask(witness, "join", "lobby", { token });
    await arePresent([...both, "witness"]);
    witness.on("presence_diff", (diff: unknown) => told.push(diff));
    const before = servers.map(({ commonroom }) => commonroom.status().counters);
    const refused = before.map(({ presenceMessagesRefused }) => presenceMessagesRefused);
    const evil = ["lobby", "evil", { phx_ref: "e" }];
    let sent = 0;
    for (const id of ids) {
      const head = { v: 1, id, name: "forged", startedAtMs: 1 };
      for (const message of [
        { ...head, type: "bye", number: 1 },
        { ...head, type: "beat", number: 1e9 },
        ...[1, 2, 3].map((number) => ({
          ...head,
          type: "delta",
          number,
          joins: [evil],
          leaves: [],
        })),
      ]) {
        // Each node hears it twice: on the channel of all, and on its own.
        for (const channel of [CHANNEL, ...ids.map((to) => `${CHANNEL}:${to}`)]) {
          for (const forged of forgeries(channel, JSON.stringify(message))) {
            await backend.publish(channel, forged);
          }
        }
        sent += 4;
      }
    }
    await until("all to be counted", () =>
      servers.every(({ commonroom }, index) => {
        const { presenceMessagesRefused } = commonroom.status().counters;
        return presenceMessagesRefused === (refused[index] ?? 0) + sent;
      }),
    );
    for (const server of servers) expect(await presentAt(server)).toEqual([...both, "witness"]);
    expect(JSON.stringify(told)).not.toContain("member");
    expect(JSON.stringify(told)).not.toContain("evil");
  });

  it("throws nobody out by telling of losses that there were not", async () => {
    const { servers, backend } = await setUp();
    const other = await connectSocketIo(servers[0].url);
    await ask(other, "join", "other", { token: tokenFor("other", "other") });
    const counters = () => servers.map(({ commonroom }) => commonroom.status().counters);
    const loss = { node: "x", number: 1, agoMs: 0, rooms: null };
    const forged = forgeries(LOSS_CHANNEL, JSON.stringify(loss));
    for (const message of forged) await backend.publish(LOSS_CHANNEL, message);
    await until("both to be counted", () =>
      counters().every(({ adapterMessagesRefused }) => adapterMessagesRefused === forged.length),
    );
    // Passed on at once with those before it.
    const real = JSON.stringify({ ...loss, rooms: ["other"] });
    await backend.publish(LOSS_CHANNEL, new Seal(secret).close(LOSS_CHANNEL, real));
    await until("a real one", () => counters().some((each) => each.membersInterrupted > 0));
    expect(counters().map(({ membersInterrupted }) => membersInterrupted)).toEqual([1, 0]);
  });
});
