import { describe, expect, it } from "vitest";
import type { CommonroomOptions } from "../../server/index.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { secret, tokenFor } from "../support/tokens.ts";
import { until } from "../support/until.ts";

const CHANNEL = "commonroom:log:log:a";
const LEASE_CHANNEL = "commonroom:log-lease";

const ways: readonly (readonly [string, CommonroomOptions])[] = [
  ["of a secret", { auth: { jwtSecret: secret } }],
  ["of nothing but their Redis", {}],
];

/** Two nodes with a member each in a room with a log, and somebody else on their Redis. */
async function setUp(way: CommonroomOptions) {
  const { url: redisUrl } = await startRedis();
  const options = { redisUrl, rooms: [{ match: "log:*", log: {}, presence: false }], ...way };
  const servers = [await startServer(options), await startServer(options)] as const;
  const heard: string[][] = [[], []];
  const members = await Promise.all(servers.map(({ url }) => connectSocketIo(url)));
  const paramsOf = (name: string): object =>
    way.auth === undefined ? {} : { token: tokenFor("log:a", name) };
  for (const [index, member] of members.entries()) {
    member.on("hello", ({ n }: { n: number }, { offset }: { offset: number }) => {
      heard[index]?.push(`${n} at ${offset}`);
    });
    const joined = await ask(member, "join", "log:a", paramsOf(`member ${index}`));
    expect(joined).toMatchObject({ status: "ok" });
  }
  const stranger = await connectBackend(redisUrl);
  const overheard: string[] = [];
  const ear = await connectBackend(redisUrl);
  await ear.subscribe(CHANNEL, (message) => void overheard.push(message));
  const speaker = await connectSocketIo(servers[0].url);
  await ask(speaker, "join", "log:a", paramsOf("speaker"));
  const say = async (n: number): Promise<void> => {
    expect(await ask(speaker, "push", "log:a", "hello", { n })).toMatchObject({ status: "ok" });
  };
  const refused = (): number[] =>
    servers.map(({ commonroom }) => commonroom.status().counters.logMessagesRefused);
  return { heard, stranger, overheard, say, refused };
}

/** What a node has said, changed. */
function changed(message: string, change: object, payload?: string): string {
  const [said = "", sent] = message.split("\n");
  return `${JSON.stringify({ ...JSON.parse(said), ...change })}\n${payload ?? sent}`;
}

describe.each(ways)("somebody on the Redis of nodes that know %s", (_what, way) => {
  it("can neither say something in a room's log nor keep what is said from its members", async () => {
    const { heard, stranger, overheard, say, refused } = await setUp(way);
    await say(1);
    await until("it to be overheard", () => overheard.length === 1);
    const [message = ""] = overheard;
    const forgeries = [
      changed(message, { offset: 2 }),
      changed(message, {}, '{"n":66}'),
      changed(message, { offset: 2, seal: undefined }, '{"n":66}'),
      changed(message, { offset: 2, epoch: "another" }),
      changed(message, { offset: 2, head: { event: "hello", isBytes: false, except: [] } }),
    ];
    for (const forged of forgeries) await stranger.publish(CHANNEL, forged);
    await until("all to be counted", () => refused().every((count) => count === forgeries.length));
    await say(2);
    await until("the next", () => heard.every((lines) => lines.length === 2));
    expect(heard).toEqual([
      ["1 at 1", "2 at 2"],
      ["1 at 1", "2 at 2"],
    ]);
  });

  it("cannot say which of them logs", async () => {
    const { stranger, say, refused } = await setUp(way);
    const words = ["", "leaving", "ready somebody", "x".repeat(10_000)];
    for (const word of words) await stranger.publish(LEASE_CHANNEL, word);
    await until("all to be counted", () => refused().every((count) => count === words.length));
    await say(1);
  });
});
