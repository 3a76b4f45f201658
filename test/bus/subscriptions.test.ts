import { describe, expect, it, onTestFinished } from "vitest";
import { Redis } from "../../server/bus/redis.ts";
import type { Topic, TopicKind } from "../../server/bus/subscriptions.ts";
import { connectBackend, type RedisServer, startRedis } from "../support/redis-server.ts";
import { until } from "../support/until.ts";

const kinds: readonly TopicKind[] = ["channel", "pattern", "shard"];

async function setUp() {
  const server = await startRedis();
  const problems: string[] = [];
  const redis = new Redis({
    url: server.url,
    onStatus: () => {},
    onProblem: (problem) => problems.push(problem),
  });
  onTestFinished(() => redis.stop());
  await redis.start(5000);
  return { server, redis, problems, backend: await connectBackend(server.url) };
}

function topicOf(kind: TopicKind, name: string, heard: string[] = []): Topic {
  return { kind, name, listener: (message) => heard.push(String(message)) };
}

/** Ends the connections that listen. */
async function kick({ url }: RedisServer): Promise<void> {
  const backend = await connectBackend(url);
  await backend.sendCommand(["CLIENT", "KILL", "TYPE", "pubsub"]);
}

describe.each(kinds)("a topic of the kind %s", (kind) => {
  const tell = (backend: Awaited<ReturnType<typeof connectBackend>>, message: string) =>
    kind === "shard" ? backend.sPublish("topic", message) : backend.publish("topic", message);

  it("is heard from the moment on that it is there, and until it is removed", async () => {
    const { redis, backend } = await setUp();
    const heard: string[] = [];
    const topic = topicOf(kind, "topic", heard);
    await redis.subscriptions.add(topic);
    expect(await tell(backend, "one")).toBe(1);
    await until("the message", () => heard.length === 1);
    redis.subscriptions.remove(topic);
    await until("nobody to listen", async () => (await tell(backend, "later")) === 0);
    expect(heard[0]).toBe("one");
  });

  it("is heard as long as somebody wants it", async () => {
    const { redis, backend } = await setUp();
    const heard: string[] = [];
    const topic = topicOf(kind, "topic", heard);
    await redis.subscriptions.add(topic);
    expect(redis.subscriptions.add(topic)).toBeUndefined();
    redis.subscriptions.remove(topic);
    expect(await tell(backend, "one")).toBe(1);
    await until("the message", () => heard.length === 1);
  });

  it("is what was said of it last, however fast it is added and removed", async () => {
    const { redis, backend } = await setUp();
    const heard: string[] = [];
    const topic = topicOf(kind, "topic", heard);
    for (let round = 0; round < 20; round += 1) {
      void redis.subscriptions.add(topic);
      redis.subscriptions.remove(topic);
      redis.subscriptions.remove(topic);
      await redis.subscriptions.add(topic);
      await tell(backend, String(round));
      await until("the message", () => heard.length === round + 1);
      redis.subscriptions.remove(topic);
    }
    await until("nobody to listen", async () => (await tell(backend, "later")) === 0);
  });

  it("is waited for no longer by those who want it no more", async () => {
    const { redis } = await setUp();
    const topic = topicOf(kind, "topic");
    const isThere = redis.subscriptions.add(topic);
    redis.subscriptions.remove(topic);
    await isThere;
  });

  it("is heard again after each loss of the connection, also if it was on its way", async () => {
    const { server, redis, backend } = await setUp();
    const heard: string[] = [];
    await redis.subscriptions.add(topicOf(kind, "topic", heard));
    for (let round = 1; round <= 5; round += 1) {
      await kick(server);
      const other = topicOf(kind, `other ${round}`);
      await redis.subscriptions.add(other);
      await until("it to be heard", async () => (await tell(backend, `round ${round}`)) === 1);
      const last = `round ${round}`;
      await until("the message", () => heard.at(-1) === last);
      expect(redis.subscriptions.size).toBeGreaterThan(round);
    }
    expect(new Set(heard).size).toBe(heard.length);
  });

  it("whose listener throws is reported, and the next message is heard", async () => {
    const { redis, problems, backend } = await setUp();
    let count = 0;
    await redis.subscriptions.add({
      kind,
      name: "topic",
      listener: () => {
        count += 1;
        if (count === 1) throw new Error("broken");
      },
    });
    await tell(backend, "one");
    await tell(backend, "two");
    await until("both", () => count === 2);
    expect(problems).toEqual(["a message's listener failed: Error: broken"]);
    expect(redis.status).toBe("up");
  });
});

describe("a thousand topics", () => {
  it("are all there before Redis counts as reachable again", async () => {
    const { server, redis, backend } = await setUp();
    const names = Array.from({ length: 1000 }, (_, index) => `topic ${index}`);
    const kindOf = (index: number) => kinds[index % kinds.length] ?? "channel";
    await redis.subscriptions.addAll(names.map((name, index) => topicOf(kindOf(index), name)));
    const comebacks: boolean[] = [];
    const counts: Promise<unknown>[] = [];
    redis.onComeback(({ hasMissed }) => {
      comebacks.push(hasMissed);
      const [first, second, third] = [names.at(-3), names.at(-2), names.at(-1)];
      counts.push(...[first, second, third].map((name) => backend.publish(name ?? "", "")));
      counts.push(...[first, second, third].map((name) => backend.sPublish(name ?? "", "")));
    });
    await kick(server);
    await until("the comeback", () => comebacks.length === 1);
    expect(comebacks).toEqual([true]);
    const heard = (await Promise.all(counts)) as number[];
    expect(heard.reduce((sum, count) => sum + count, 0)).toBe(3);
  });
});

describe("a user that Redis lets hear only some channels", () => {
  it("is reported for the others, which ends nothing", async () => {
    const server = await startRedis();
    const admin = await connectBackend(server.url);
    const rights = ["on", ">secret", "~*", "+@all", "resetchannels", "&commonroom:*", "&to:*"];
    await admin.sendCommand(["ACL", "SETUSER", "node", ...rights]);
    const problems: string[] = [];
    const redis = new Redis({
      url: server.url.replace("//", "//node:secret@"),
      onStatus: () => {},
      onProblem: (problem, channel) => problems.push(`${channel}: ${problem.slice(0, 29)}`),
    });
    onTestFinished(() => redis.stop());
    expect(await redis.start(5000)).toBe(true);
    await redis.subscriptions.add(topicOf("channel", "forbidden"));
    expect(problems).toEqual(["forbidden: not subscribed: Error: NOPERM"]);
    const heard: string[] = [];
    await redis.subscriptions.add(topicOf("channel", "to:a:b", heard));
    await admin.publish("to:a:b", "yes");
    await until("what is allowed", () => heard.length === 1);
    expect(redis.status).toBe("up");
  });
});
