import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { Socket } from "phoenix";
import { io } from "socket.io-client";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { Channel, type ChannelTarget } from "../../../client-shim/index.ts";
import { joinPlain } from "../../support/plain-client.ts";
import { startServer } from "../../support/server.ts";

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

describe("the room client's types", () => {
  it("take the sockets of the real libraries", () => {
    const native = io("http://127.0.0.1:1", { autoConnect: false });
    const phoenix = new Socket("ws://127.0.0.1:1/socket", { transport: WebSocket as never });
    const targets: ChannelTarget[] = ["ws://127.0.0.1:1/ws", native, phoenix];
    for (const target of targets) expect(new Channel(target).state).toBe("closed");
  });
});
