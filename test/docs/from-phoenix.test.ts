import { Socket } from "phoenix";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import * as commonroomPackage from "../../server/index.ts";
import {
  accept,
  type ChannelDefinition,
  type ChannelMember,
  type Commonroom,
} from "../../server/index.ts";
import { connectPhoenix, joinPhoenix, pushPhoenix } from "../support/phoenix-client.ts";
import { connectBackend, freePort, startRedis } from "../support/redis-server.ts";
import { runBlock } from "../support/run-block.ts";
import { startServer } from "../support/server.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { until, within } from "../support/until.ts";
import { CLI, WorldPage } from "./world-page.ts";

const SECRET = "a-better-secret-than-this";
const page = new WorldPage("docs/from-phoenix.md");
const thePage = page.block("js", "new Presence(channel)");
const socketIo = page.block("js", "socket.io-client");
const curl = page.block("sh", "curl");

describe("docs/from-phoenix.md", { timeout: 40_000 }, () => {
  it("changes the one line of the page that names the address", () => {
    const { added, removed } = page.change("new Socket(");
    expect(removed).toHaveLength(1);
    expect(added).toHaveLength(1);
    for (const line of added) expect(thePage.text.split("\n")).toContain(line);
  });

  it("has a page, a Socket.IO client and curl in one room that needs no code", async () => {
    const port = await page.start();
    const phoenix = await page.run(thePage, port);
    await phoenix.printed("phoenix.js sees 1 present");
    const other = await page.run(socketIo, port);
    await phoenix.printed("phoenix.js sees 2 present");
    await phoenix.printed("phoenix.js heard: hello from Socket.IO");
    const { code, output } = await (await page.run(curl, port)).end();
    expect(code).toBe(0);
    expect(output).toContain('"members":2');
    await phoenix.printed("phoenix.js heard: hello from curl");
    await other.printed("Socket.IO heard in room:lobby hello from curl");
    // The relay does not send the page's own message back.
    expect(phoenix.output).not.toContain("hello from phoenix.js");
  });

  it("has the same page and the same client in a channel of one's own", async () => {
    const port = await freePort();
    const after = 'console.log("it listens");';
    const server = await page.run(page.block("js", "createCommonroom"), port, after);
    await server.printed("it listens");
    const phoenix = await page.run(thePage, port);
    await phoenix.printed("phoenix.js heard: hello from phoenix.js");
    const other = await page.run(socketIo, port);
    await other.printed("Socket.IO heard in room:lobby hello from Socket.IO");
    await phoenix.printed("phoenix.js heard: hello from Socket.IO");
    await phoenix.printed("phoenix.js sees 2 present");
    const socket = connectPhoenix(`ws://127.0.0.1:${port}/socket`);
    expect(await joinPhoenix(socket.channel("room:1"))).toEqual({
      status: "error",
      response: { reason: "unauthorized" },
    });
    const lobby = socket.channel("room:lobby", { name: "Cid" });
    await joinPhoenix(lobby);
    expect(await pushPhoenix(lobby, "no_clause")).toMatchObject({
      response: { code: "event_unhandled" },
    });
  });

  it.each([
    ["in params", (token: string) => [{ params: { token } }, {}] as const],
    ["as authToken", (token: string) => [{ authToken: token }, {}] as const],
    ["in the params of a join", (token: string) => [{}, { token }] as const],
  ])("prints a token that opens its rooms, sent %s", async (_where, options) => {
    const { output } = await (
      await runBlock(page.block("sh", "commonroom token"), {
        replace: { "npx commonroom": CLI },
      })
    ).end();
    const { wsUrl } = await startServer({ auth: { jwtSecret: SECRET } });
    const [socketOptions, params] = options(output.trim());
    const socket = connectPhoenix(`${wsUrl}/socket`, socketOptions);
    expect(await joinPhoenix(socket.channel("room:7", params))).toMatchObject({ status: "ok" });
    expect(await joinPhoenix(socket.channel("staff", params))).toMatchObject({
      response: { code: "room_forbidden" },
    });
  });

  it("says true that a Phoenix.Token means nothing here, also in an open house", async () => {
    const { wsUrl } = await startServer();
    const socket = connectPhoenix(`${wsUrl}/socket`, { params: { token: "SFMyNTY.g2gDYQE.x" } });
    expect(await joinPhoenix(socket.channel("room:lobby"))).toMatchObject({
      response: { code: "token_invalid" },
    });
  });

  it("keeps what a page missed, and sends it once, in order", async () => {
    const port = await page.startWith(page.block("toml", "echo = true"));
    const proxy = await TcpProxy.start(port);
    const reader = await page.run(page.block("js", "seen.since"), proxy.port);
    const writer = new Socket(`ws://127.0.0.1:${port}/socket`, {
      transport: WebSocket as never,
    });
    writer.connect();
    onTestFinished(() => writer.disconnect());
    const channel = writer.channel("room:lobby");
    const say = (body: string): Promise<unknown> =>
      within(
        `the reply to ${body}`,
        new Promise((resolve) => channel.push("new_msg", { body }).receive("ok", resolve)),
      );
    await joinPhoenix(channel);
    await say("one");
    await reader.printed("message 1 one");
    proxy.cut();
    await say("two");
    await say("three");
    proxy.restore();
    await reader.printed("message 3 three");
    await say("four");
    await reader.printed("message 4 four");
    const heard = reader.output.split("\n").filter((line) => line.startsWith("message"));
    expect(heard).toEqual(["message 1 one", "message 2 two", "message 3 three", "message 4 four"]);
  });

  it("names what there is, in the table of what Elixir has", async () => {
    const table = page.text.split("| in Elixir | here |")[1]?.split("\n\n")[0] ?? "";
    const cells = table.split("\n").map((row) => row.split(" | ").at(-1) ?? "");
    const names = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
    const { commonroom, member } = await oneMember();
    for (const name of names.flatMap((each) => each ?? [])) {
      expect([name, isThere(name, { commonroom, member })]).toEqual([name, true]);
    }
    expect(names.length).toBeGreaterThan(15);
  });

  it("has a backend on the channels that it names", async () => {
    const redis = await startRedis();
    const { wsUrl } = await startServer({ redisUrl: redis.url });
    const backend = await connectBackend(redis.url);
    const ear = await connectBackend(redis.url);
    const [to = "", from = ""] = ["to", "from"].map(
      (side) => new RegExp(`\`(${side}:[^\`]+)\``).exec(page.text)?.[1],
    );
    const told: unknown[] = [];
    await ear.pSubscribe(from, (payload, channel) => void told.push([channel, payload]));
    const channel = connectPhoenix(`${wsUrl}/socket`).channel("room:lobby");
    const heard: unknown[] = [];
    channel.on("new_msg", (payload: unknown) => void heard.push(payload));
    await joinPhoenix(channel);
    await pushPhoenix(channel, "new_msg", { body: "up" });
    await backend.publish(to, '{"body":"down"}');
    await until("the backend's message", () => heard.length === 1);
    expect(heard).toEqual([{ body: "down" }]);
    await until("the page's message", () => told.length === 2);
    expect(told[1]).toEqual(["from:room:lobby:new_msg", '{"body":"up"}']);
  });

  it("sends the sender its own message with echo = true", async () => {
    const { wsUrl } = await startServer({ rooms: [{ match: "room:*", echo: true }] });
    const socket = connectPhoenix(`${wsUrl}/socket`);
    const channel = socket.channel("room:lobby");
    let heard: unknown;
    channel.on("new_msg", (payload: unknown) => {
      heard = payload;
    });
    await joinPhoenix(channel);
    channel.push("new_msg", { body: "back" });
    await until("the echo", () => heard !== undefined);
    expect(heard).toEqual({ body: "back" });
  });

  it("has links that lead somewhere", () => {
    expect(page.brokenLinks()).toEqual([]);
  });

  it("has no block that was not run", () => {
    expect(page.unused).toEqual([]);
  });
});

/** What a definition of a channel may have; checked by the compiler. */
const parts: readonly (keyof ChannelDefinition<unknown, undefined, object> | "connect" | "id")[] = [
  "join",
  "joined",
  "on",
  "otherwise",
  "intercept",
  "leave",
  "connect",
  "id",
];

interface Values {
  readonly commonroom: Commonroom;
  readonly member: ChannelMember;
}

/** Whether a name of the table is one of a value, of the package, or of a definition. */
function isThere(name: string, values: Values): boolean {
  const path = (/^(?:return )?([\w.]+)/.exec(name)?.[1] ?? "").split(".");
  const [first = ""] = path;
  if (parts.some((part) => part === name)) return true;
  const roots: Record<string, unknown> = { ...values, ...commonroomPackage };
  let value: unknown = { [first]: roots[first] };
  for (const step of path) {
    if (typeof value !== "object" || value === null || !(step in value)) return false;
    value = Reflect.get(value, step);
  }
  return value !== undefined;
}

async function oneMember(): Promise<Values> {
  const { commonroom, wsUrl } = await startServer();
  const members: ChannelMember[] = [];
  commonroom.channel("room:*", {
    join: () => accept({}),
    joined: (member) => void members.push(member as ChannelMember),
  });
  await joinPhoenix(connectPhoenix(`${wsUrl}/socket`).channel("room:1"));
  const member = await until("the member", () => members[0]);
  return { commonroom, member };
}
