import { createRequire } from "node:module";
import type { Channel } from "phoenix";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { joinPhoenix, leavePhoenix, pushPhoenix } from "../../support/phoenix-client.ts";
import { phoenixV1 } from "../../support/phoenix-v1.ts";
import { startServer } from "../../support/server.ts";
import { until } from "../../support/until.ts";

type Library = typeof import("phoenix");

const require = createRequire(import.meta.url);
const versions = ["phoenix-1-5", "phoenix-1-6", "phoenix-1-7", "phoenix"];

const wires = [
  ["its own serializer", {}],
  ["V1", phoenixV1],
] as const;

function channelOf(name: string, url: string, options: object): Channel {
  const { Socket }: Library = require(name);
  const socket = new Socket(url, { transport: WebSocket as never, ...options } as never);
  socket.connect();
  onTestFinished(() => socket.disconnect());
  return socket.channel("room:lobby", {});
}

describe.each(versions)("npm %s", (name) => {
  it.each(wires)("joins, pushes, hears others and leaves with %s", async (_what, options) => {
    const { wsUrl } = await startServer();
    const ann = channelOf(name, `${wsUrl}/socket`, options);
    const ben = channelOf("phoenix", `${wsUrl}/socket`, {});
    const [heardByAnn, heardByBen]: [unknown[], unknown[]] = [[], []];
    ann.on("hi", (payload) => void heardByAnn.push(payload));
    ben.on("hi", (payload) => void heardByBen.push(payload));
    expect(await joinPhoenix(ann)).toMatchObject({ status: "ok" });
    expect(await joinPhoenix(ben)).toMatchObject({ status: "ok" });
    expect(await pushPhoenix(ann, "hi", { n: 1 })).toEqual({ status: "ok", response: {} });
    expect(await pushPhoenix(ben, "hi", { n: 2 })).toEqual({ status: "ok", response: {} });
    await until("both to hear", () => heardByAnn.length === 1 && heardByBen.length === 1);
    expect([heardByAnn, heardByBen]).toEqual([[{ n: 2 }], [{ n: 1 }]]);
    expect(await leavePhoenix(ann)).toMatchObject({ status: "ok" });
    expect(ann.state).toBe("closed");
  });
});
