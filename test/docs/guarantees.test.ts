import { describe, expect, it } from "vitest";
import { type Heard, type Library, libraries, type Use } from "../parity/library.ts";
import { startRedis } from "../support/redis-server.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";
import { tableRows } from "./page-text.ts";

const ROOM = "lobby";
const HEAD = "| | what was said during a cut | while Redis was away |";
const OPTIONS = {
  rooms: [{ match: ROOM, aliases: [`${ROOM}-1`] }],
  limits: { longPollWindowMs: 1000 },
};
/** A node looks for a Redis that is back again and again, with growing delays. */
const REDIS_MS = 20_000;

interface Scene {
  readonly library: Library;
  /** A native member says something. */
  readonly say: (text: string) => Promise<unknown>;
  /** What the library has heard of it so far. */
  readonly texts: () => unknown[];
  readonly memberCount: () => number;
}

async function join(use: Use, port: number, server: TestServer): Promise<Scene> {
  const library = await use(port);
  const { room = ROOM, onlyEvent: event = "said" } = library;
  const native = await connectSocketIo(server.url);
  await ask(native, "join", room, {});
  expect(await library.join(ROOM, {})).toMatchObject({ status: "ok" });
  const { rooms } = server.commonroom.io.of("/").adapter;
  const memberCount = () => rooms.get(room)?.size ?? 0;
  await until("both to be in", () => memberCount() === 2);
  return {
    library,
    memberCount,
    say: (text) => ask(native, "push", room, event, { text }),
    texts: () =>
      library.heard
        .filter(([name]) => name === event)
        .map(([, payload]) => (payload as { text: unknown }).text),
  };
}

/** Cuts the library off, says something meanwhile, and lets it back. */
async function duringCut(use: Use): Promise<string> {
  const server = await startServer(OPTIONS);
  const proxy = await TcpProxy.start(server.port);
  const { library, say, texts, memberCount } = await join(use, proxy.port, server);
  await say("before");
  await until("to hear it", () => texts().includes("before"));
  proxy.cut();
  await until("it to be gone", () => memberCount() === 1, 10_000);
  await say("meanwhile");
  // Until then it takes the connection that is gone for the one that is to come back.
  if (library.reconnects) await until("it to notice", () => !library.isConnected, 10_000);
  proxy.restore();
  if (library.reconnects) await until("the connection", () => library.isConnected, 10_000);
  const seen = texts().length;
  await library.comeBack?.(ROOM);
  await until("it to be back", () => memberCount() === 2, 10_000);
  await say("after");
  await until("to hear it", () => texts().includes("after"));
  const since = texts().slice(seen);
  if (since.includes("meanwhile")) return "kept: its channels have logs";
  expect(texts()).toEqual(["before", "after"]);
  return "gone";
}

/** Takes Redis from the server for a while. */
async function whileRedisIsAway(use: Use): Promise<string> {
  const redis = await startRedis();
  const proxy = await TcpProxy.start(redis.port);
  const redisUrl = `redis://127.0.0.1:${proxy.port}`;
  const server = await startServer({ ...OPTIONS, redisUrl });
  const { library, say, texts, memberCount } = await join(use, server.port, server);
  const statusIs = async (status: string): Promise<boolean> => {
    const health = await (await fetch(`${server.url}/health`)).json();
    return (health as { status: string }).status === status;
  };
  const witness = await someoneInAnotherRoom(server);
  proxy.cut();
  await until("Redis to be away", () => statusIs("degraded"), REDIS_MS);
  proxy.restore();
  await until("Redis to be back", () => statusIs("ok"), REDIS_MS);
  await until("those who are told to be told", () => witness.told.length > 0);
  await until("both to be in", () => memberCount() === 2, 10_000);
  await until("to hear it", async () => {
    await say("after");
    return texts().includes("after");
  });
  const told = library.heard.filter(([event]) => event === "phx_error" || event === "missed");
  if (library.heard.some(isTowersError)) return "is told by an `error`";
  if (told.length === 0) return "is not told";
  expect(told.map(([, payload]) => payload)).toEqual([
    expect.objectContaining({ code: "messages_missed" }),
  ]);
  return told.some(isError)
    ? "is told by `phx_error`, and joins anew"
    : "is told by the event `missed`";
}

/** A member of a room without a log, and whether it was told. */
async function someoneInAnotherRoom({ url }: TestServer) {
  const native = await connectSocketIo(url);
  const told: unknown[] = [];
  native.on("missed", (payload) => void told.push(payload));
  await ask(native, "join", "elsewhere", {});
  return { told };
}

function isTowersError([, payload]: Heard): boolean {
  return Object(payload).error === "messages may have been missed";
}

function isError([event]: Heard): boolean {
  return event === "phx_error";
}

describe("what the README says is missed", { timeout: 60_000 }, () => {
  const rows = new Map([...libraries.keys()].map((name) => [name, [] as string[]]));

  for (const [name, use] of libraries) {
    it(`${name}: what is said during a cut is gone where the room keeps no log`, async () => {
      rows.get(name)?.push(await duringCut(use));
    });

    it(`${name}: is told, or not, that messages may be missed once Redis was away`, async () => {
      rows.get(name)?.push(await whileRedisIsAway(use));
    });
  }

  it("is what was just found out", () => {
    expect(tableRows("README.md", HEAD)).toEqual([...rows].map(([name, row]) => [name, ...row]));
  });
});
