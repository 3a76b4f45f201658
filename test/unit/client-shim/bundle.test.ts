import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { Socket } from "phoenix";
import { io } from "socket.io-client";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { Channel, type ChannelTarget } from "../../../client-shim/index.ts";
import { joinPlain } from "../../support/plain-client.ts";
import { startServer } from "../../support/server.ts";
import { until } from "../../support/until.ts";

const MAX_BYTES = 4096;
/** Made by `npm run build`, which goes before the tests. */
const bundle = readFileSync("dist/client-shim/commonroom.min.js", "utf8");

describe("the room client's bundle", () => {
  it("has at most 4 kB, minified and gzipped", () => {
    expect(gzipSync(bundle, { level: 9 }).byteLength).toBeLessThanOrEqual(MAX_BYTES);
  });

  it("imports nothing", () => {
    expect(bundle).not.toMatch(/\bimport\b|\brequire\(/);
  });

  it("needs nothing that is not in every browser, in Node, Deno and Bun", async () => {
    const server = await startServer();
    const witness = await joinPlain(server, "lobby");
    const names = { setTimeout, clearTimeout, console, TextEncoder, TextDecoder, WebSocket };
    const context = createContext({ ...names, url: `${server.wsUrl}/ws` });
    // A script has no exports: the class is taken out of the list of them.
    const [, local] =
      /export\{(\w+) as Channel\b/.exec(bundle) ?? bundle.match(/(\w+) as Channel\b/) ?? [];
    const script = bundle.replace(/export\{[^}]*\};?\s*$/, `globalThis.Channel = ${local};`);
    runInContext(script, context);
    const response: unknown = await runInContext(
      `(async () => {
        const channel = new Channel(url);
        await channel.connect();
        await channel.join("lobby");
        await channel.send_to("lobby", { text: "hi" });
        const rooms = channel.getRooms();
        await channel.push("lobby", "done", {});
        await channel.close();
        return JSON.stringify([rooms, channel.state]);
      })()`,
      context,
    );
    expect(JSON.parse(String(response))).toEqual([["lobby"], "closed"]);
    expect(await witness.next()).toEqual({ text: "hi", _room: "lobby" });
  });
});

/** The bundle shortens names that its parts have for each other: each carrier must survive that. */
describe.each<[string, (wsUrl: string) => ChannelTarget]>([
  ["a WebSocket of its own", (wsUrl) => `${wsUrl}/ws`],
  ["a Socket.IO socket", (wsUrl) => io(wsUrl.replace("ws", "http"), { autoConnect: false })],
  ["a Phoenix socket", (wsUrl) => new Socket(`${wsUrl}/socket`, { transport: WebSocket as never })],
])("the bundle's Channel over %s", (_carrier, target) => {
  it("joins, sends, hears, is refused, leaves and closes", async () => {
    const server = await startServer({ rooms: [{ match: "log:*", log: { size: 10 } }] });
    const witness = await joinPlain(server, "log:a", { binary: true });
    const address = pathToFileURL("dist/client-shim/commonroom.min.js").href;
    const module = (await import(address)) as { readonly Channel: typeof Channel };
    const given = target(server.wsUrl);
    const channel = new module.Channel(given, { WebSocket, autoReconnect: true });
    const { disconnect } = Object(given) as { readonly disconnect?: () => void };
    onTestFinished(() => disconnect?.call(given));
    const heard: unknown[] = [];
    const errors: unknown[] = [];
    channel.onRoomMessage("log:a", (message, { event }) => void heard.push([event, message]));
    channel.onError(({ code }) => void errors.push(code));
    await channel.connect();
    await channel.join("log:a", { presence: true });
    await channel.sendTo("log:a", { text: "hi" });
    expect(await witness.next()).toMatchObject({ text: "hi", _room: "log:a", _offset: 1 });
    await channel.send(new Uint8Array([1, 10]), "log:a");
    expect(Buffer.isBuffer(await witness.next())).toBe(true);
    expect(await channel.push("log:a", "shout", {})).toMatchObject({ offset: 3 });
    await expect(channel.push("log:a", "phx_x", {})).rejects.toMatchObject({
      code: "event_name_reserved",
    });
    witness.send({ text: "welcome", _room: "log:a" });
    await until("to hear", () => heard.some((each) => JSON.stringify(each).includes("welcome")));
    expect(heard.map((each) => (each as unknown[])[0])).toContain("presence_state");
    await channel.send({}, "elsewhere");
    await until("the error", () => errors.length === 1);
    expect(errors).toEqual(["room_not_joined"]);
    await channel.leave("log:a");
    await channel.close();
    expect([channel.state, channel.getRooms()]).toEqual(["closed", []]);
  });
});

describe("the room client's types", () => {
  it("take the sockets of the real libraries", () => {
    const native = io("http://127.0.0.1:1", { autoConnect: false });
    const phoenix = new Socket("ws://127.0.0.1:1/socket", { transport: WebSocket as never });
    const targets: ChannelTarget[] = ["ws://127.0.0.1:1/ws", native, phoenix];
    for (const target of targets) expect(new Channel(target).state).toBe("closed");
  });
});
