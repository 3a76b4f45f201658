import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  isRedisUrl,
  locator,
  readClusterUrl,
  readSentinelUrl,
} from "../../../server/bus/locator.ts";
import { until } from "../../support/until.ts";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const stop of stops.splice(0)) await stop();
});

/** Makes a Sentinel hang up when it is asked. */
const HANG_UP = "";

/** A Sentinel that gives one answer, in Redis's own protocol, and keeps what it was asked. */
async function startSentinel(answer: string | undefined) {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.on("data", (data) => {
      const words = data
        .toString()
        .split("\r\n")
        .filter((line) => !/^[*$]\d/.test(line) && line !== "");
      const isQuestion = words.includes("SENTINEL");
      if (isQuestion) asked.push(words.join(" "));
      const commands = data.toString().match(/^\*\d+/gm)?.length ?? 1;
      if (!isQuestion) socket.write("+OK\r\n".repeat(commands));
      else if (answer === HANG_UP) socket.destroy();
      else if (answer !== undefined) socket.write(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  const host = `127.0.0.1:${address.port}`;
  return { host, asked, sockets, connections: () => connections };
}

const found = (host: string, port: string): string =>
  `*2\r\n$${host.length}\r\n${host}\r\n$${port.length}\r\n${port}\r\n`;
const UNKNOWN = "*-1\r\n";

describe("Redis behind Sentinels", () => {
  it("is where the Sentinel says, with the user, password and database of the address", async () => {
    const sentinel = await startSentinel(found("10.0.0.7", "6380"));
    const locate = locator(`redis+sentinel://ann:secret@${sentinel.host}/my%20master/2`);
    expect(await locate()).toEqual({ kind: "server", url: "redis://ann:secret@10.0.0.7:6380/2" });
    expect(sentinel.asked).toEqual(["SENTINEL GET-MASTER-ADDR-BY-NAME my master"]);
  });

  it("is asked for anew each time", async () => {
    const sentinel = await startSentinel(found("10.0.0.7", "6380"));
    const locate = locator(`redis+sentinel://${sentinel.host}/m`);
    await locate();
    await locate();
    expect(sentinel.asked).toHaveLength(2);
  });

  it("leaves neither a connection nor a timer behind once a Sentinel has answered", async () => {
    const sentinel = await startSentinel(found("10.0.0.7", "6380"));
    const set = vi.spyOn(globalThis, "setTimeout");
    const clear = vi.spyOn(globalThis, "clearTimeout");
    const located = locator(`redis+sentinel://${sentinel.host}/m`)();
    // Asking begins with the timer that ends it, before anything else in this process has its turn.
    const deadline = set.mock.results.at(-1)?.value as unknown;
    set.mockRestore();
    expect(deadline).toBeDefined();
    await located;
    expect(clear).toHaveBeenCalledWith(deadline);
    await until("the connection to end", () => sentinel.sockets.size === 0);
  });

  it("has its IPv6 address in brackets", async () => {
    const sentinel = await startSentinel(found("fe80::1", "6379"));
    const locate = locator(`redis+sentinel://${sentinel.host}/m`);
    expect(await locate()).toEqual({ kind: "server", url: "redis://[fe80::1]:6379/" });
  });

  it("is asked of the next Sentinel where one knows no such master or is away", async () => {
    const ignorant = await startSentinel(UNKNOWN);
    const knowing = await startSentinel(found("10.0.0.7", "6380"));
    const later = await startSentinel(found("10.0.0.8", "6380"));
    const hosts = ["127.0.0.1:1", ignorant.host, knowing.host, later.host].join(",");
    const locate = locator(`redis+sentinel://${hosts}/m`);
    expect(await locate()).toEqual({ kind: "server", url: "redis://10.0.0.7:6380/" });
    expect([ignorant.asked.length, knowing.asked.length, later.asked.length]).toEqual([1, 1, 0]);
  });

  it("is asked of the next Sentinel where one is silent for a second", async () => {
    const silent = await startSentinel(undefined);
    const knowing = await startSentinel(found("10.0.0.7", "6380"));
    const locate = locator(`redis+sentinel://${silent.host},${knowing.host}/m`);
    expect(await locate()).toEqual({ kind: "server", url: "redis://10.0.0.7:6380/" });
    expect(silent.asked).toHaveLength(1);
  });
});

describe("a Sentinel that is of no use", () => {
  it.each([
    ["hangs up", HANG_UP],
    ["refuses the question", "-ERR unknown command\r\n"],
    ["answers with text", "+OK\r\n"],
    ["names neither host nor port", "*0\r\n"],
    ["names a host alone", "*1\r\n$8\r\n10.0.0.7\r\n"],
  ])("is asked once, and then the next one, where it %s", async (_what, answer) => {
    const useless = await startSentinel(answer);
    const knowing = await startSentinel(found("10.0.0.8", "6380"));
    const locate = locator(`redis+sentinel://${useless.host},${knowing.host}/m`);
    expect(await locate()).toEqual({ kind: "server", url: "redis://10.0.0.8:6380/" });
    expect([useless.asked.length, useless.connections()]).toEqual([1, 1]);
  });
});

describe("an address of Redis", () => {
  it.each([
    "xredis://a:1",
    "xredis+cluster://a:1",
    "xredis+sentinel://a:1/m",
    "redis+sentinel://a:1/m/2x",
    "redis+cluster://a:123456",
    "redis+cluster://a:65536",
    "redis+sentinel://a:65536/m",
    "redis://a:1/x1",
    "redis://a:1/1x",
    "redis+cluster://a:1x",
    "redis+cluster://xa[::1]:1",
  ])("is not %s", (url) => {
    expect(isRedisUrl(url)).toBe(false);
    expect(readSentinelUrl(url)).toBeUndefined();
    expect(readClusterUrl(url)).toBeUndefined();
  });

  it("has ports of up to five digits; an IPv6 address of several groups is no port", async () => {
    const urls = ["redis://a:65535", "redis://[2001:db8::17]:6379", "redis://a1:6379"];
    const locate = locator("redis+cluster://a:65535,[2001:db8::17],a1");
    expect(await locate()).toEqual({ kind: "cluster", urls });
  });
});
