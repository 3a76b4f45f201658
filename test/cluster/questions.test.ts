import { MessageType } from "socket.io-adapter";
import { describe, expect, it } from "vitest";
import { ClassicRequest } from "../../server/bus/classic-request.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";

type Adapter = "auto" | "classic";
type Question = "broadcast" | "fetch";

const LOBBY = { rooms: ["lobby"], except: [] };
const TYPES: Readonly<Record<Adapter, Readonly<Record<Question, number>>>> = {
  auto: { broadcast: MessageType.BROADCAST, fetch: MessageType.FETCH_SOCKETS },
  classic: { broadcast: ClassicRequest.BROADCAST, fetch: ClassicRequest.FETCH },
};

/** A node with a member of the lobby, and what somebody else on its Redis asks as a node does. */
async function setUp(adapter: Adapter) {
  const redis = await startRedis();
  const options = { redisUrl: redis.url, redisAdapter: adapter, rooms: [{ match: "*" }] };
  const { commonroom, url } = await startServer(options);
  const member = await connectSocketIo(url);
  await ask(member, "join", "lobby", {});
  const asked: unknown[] = [];
  member.on("asked", (n: unknown) => asked.push(n));
  const backend = await connectBackend(redis.url);
  let requests = 0;
  const question = async (kind: Question, opts: object): Promise<void> => {
    requests += 1;
    const packet = { type: 2, nsp: "/", id: requests, data: ["asked", requests] };
    const inside = { requestId: String(requests), opts, packet };
    const head = { uid: "other", nsp: "/", type: TYPES[adapter][kind] };
    if (adapter === "auto") {
      await backend.sPublish("socket.io#/#", JSON.stringify({ ...head, data: inside }));
    } else {
      await backend.publish("socket.io-request#/#", JSON.stringify({ ...head, ...inside }));
    }
  };
  const [socket] = commonroom.io.of("/").sockets.values();
  if (socket === undefined) throw new Error("no socket");
  const acks = Reflect.get(socket, "acks") as ReadonlyMap<number, unknown>;
  const counters = () => commonroom.status().counters;
  return { backend, question, socket, acks, asked, counters };
}

describe.each<Adapter>(["auto", "classic"])("what another node asks, over %s", (adapter) => {
  it("and no client answers is forgotten in time", async () => {
    const { question, acks, asked, counters } = await setUp(adapter);
    for (let n = 0; n < 100; n += 1)
      await question("broadcast", { ...LOBBY, flags: { timeout: 1 } });
    await until("the questions", () => asked.length === 100);
    await until("them to be forgotten", () => acks.size === 0);
    expect(counters().adapterMessagesRefused).toBe(0);
  });

  it("without a word on how long it waits is a question all the same", async () => {
    const { question, asked, counters } = await setUp(adapter);
    await question("broadcast", { ...LOBBY, flags: null });
    await question("broadcast", LOBBY);
    await until("both", () => asked.length === 2);
    expect(counters().adapterMessagesRefused).toBe(0);
  });

  it("about sockets whose data no message can carry is not answered, and nothing breaks", async () => {
    const { question, socket, asked, counters } = await setUp(adapter);
    socket.data = { huge: 10n };
    await question("fetch", LOBBY);
    await until("it to be counted", () => {
      const { adapterMessagesLost, adapterMessagesRefused } = counters();
      return adapterMessagesLost + adapterMessagesRefused === 1;
    });
    await question("broadcast", LOBBY);
    await until("the next question", () => asked.length === 1);
  });

  it("more than a thousand times a second is refused, until the next second", async () => {
    const { question, asked, counters } = await setUp(adapter);
    const count = 5000;
    const opts = { ...LOBBY, flags: { timeout: 1 } };
    const startedMs = Date.now();
    await Promise.all(Array.from({ length: count }, () => question("broadcast", opts)));
    const refused = () => counters().adapterMessagesRefused;
    await until("all to be asked or refused", () => asked.length + refused() === count, 15_000);
    const seconds = Math.floor((Date.now() - startedMs) / 1000) + 1;
    expect(asked.length).toBeGreaterThanOrEqual(1000);
    expect(asked.length).toBeLessThanOrEqual(seconds * 1000);
    const before = asked.length;
    await until("another to be asked", async () => {
      await question("broadcast", opts);
      return asked.length > before;
    });
  });
});

describe("answers of another node", () => {
  it("are taken as fast as they come: a crowd that acknowledges is no flood", async () => {
    const { backend, question, asked, counters } = await setUp("auto");
    const [channel = ""] = (
      await backend.sendCommand<string[]>(["PUBSUB", "SHARDCHANNELS"])
    ).filter((name) => /^socket\.io#\/#[0-9a-f]{16}#$/.test(name));
    const answer = JSON.stringify({
      uid: "other",
      nsp: "/",
      type: MessageType.BROADCAST_ACK,
      data: { requestId: "unknown", packet: [1] },
    });
    await Promise.all(Array.from({ length: 3000 }, () => backend.sPublish(channel, answer)));
    await question("broadcast", LOBBY);
    await until("a question behind them", () => asked.length === 1);
    expect(counters().adapterMessagesRefused).toBe(0);
  });
});
