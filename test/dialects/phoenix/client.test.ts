import { Presence } from "phoenix";
import { describe, expect, it } from "vitest";
import { createCommonroom } from "../../../server/index.ts";
import {
  connectPhoenix,
  joinPhoenix,
  leavePhoenix,
  pushPhoenix,
} from "../../support/phoenix-client.ts";
import { freePort } from "../../support/redis-server.ts";
import { startServer } from "../../support/server.ts";
import { secret, tokenFor } from "../../support/tokens.ts";
import { until } from "../../support/until.ts";

describe("npm phoenix, unmodified,", () => {
  it("joins, pushes with a reply, hears others and leaves", async () => {
    const { wsUrl } = await startServer();
    const ann = connectPhoenix(`${wsUrl}/socket`).channel("room:lobby", {});
    const ben = connectPhoenix(wsUrl).channel("room:lobby", {});
    const heard: unknown[] = [];
    ben.on("new_msg", (payload) => void heard.push(payload));
    expect(await joinPhoenix(ann)).toMatchObject({ status: "ok" });
    expect(await joinPhoenix(ben)).toMatchObject({ status: "ok" });
    const reply = await pushPhoenix(ann, "new_msg", { body: "hello" });
    expect(reply).toEqual({ status: "ok", response: {} });
    await until("the message", () => heard.length === 1);
    expect(heard).toEqual([{ body: "hello" }]);
    expect(await leavePhoenix(ben)).toMatchObject({ status: "ok" });
    expect(ben.state).toBe("closed");
  });

  it("passes its authToken through the sub-protocol", async () => {
    const { wsUrl } = await startServer({ auth: { jwtSecret: secret } });
    const socket = connectPhoenix(`${wsUrl}/socket`, { authToken: tokenFor("lobby") });
    expect(await joinPhoenix(socket.channel("lobby", {}))).toMatchObject({ status: "ok" });
  });

  it("is told why a join was refused", async () => {
    const { wsUrl } = await startServer({ auth: { jwtSecret: secret } });
    const socket = connectPhoenix(`${wsUrl}/socket`, { params: { userToken: tokenFor("lobby") } });
    expect(await joinPhoenix(socket.channel("staff", {}))).toEqual({
      status: "error",
      response: { reason: "token does not cover this room", code: "room_forbidden" },
    });
  });

  it("comes back and rejoins by itself after the server was restarted", async () => {
    const port = await freePort();
    const first = createCommonroom({ port, logLevel: "silent" });
    await first.listen();
    const socket = connectPhoenix(`ws://127.0.0.1:${port}/socket`);
    const channel = socket.channel("lobby", {});
    let joins = 0;
    channel.join().receive("ok", () => {
      joins += 1;
    });
    await until("the first join", () => joins === 1);
    await first.close();
    await until("the channel to notice", () => channel.state !== "joined");
    const second = createCommonroom({ port, logLevel: "silent" });
    await second.listen();
    try {
      await until("the rejoin", () => joins === 2, 10_000);
      expect(await pushPhoenix(channel, "hello")).toMatchObject({ status: "ok" });
    } finally {
      socket.disconnect();
      await second.close();
    }
  });

  it("rejoins by itself when its connection is cut without a word", async () => {
    const { commonroom, wsUrl } = await startServer();
    const channel = connectPhoenix(`${wsUrl}/socket`).channel("lobby", {});
    let joins = 0;
    channel.join().receive("ok", () => {
      joins += 1;
    });
    await until("the first join", () => joins === 1);
    commonroom.io.in("lobby").disconnectSockets(true);
    await until("the rejoin", () => joins === 2, 10_000);
  });

  it("gets binary payloads as ArrayBuffers, and sends them", async () => {
    const { wsUrl } = await startServer();
    const ann = connectPhoenix(`${wsUrl}/socket`).channel("lobby", {});
    const ben = connectPhoenix(`${wsUrl}/socket`).channel("lobby", {});
    const heard: ArrayBuffer[] = [];
    ben.on("blob", (payload: ArrayBuffer) => void heard.push(payload));
    await joinPhoenix(ann);
    await joinPhoenix(ben);
    const bytes = new Uint8Array([1, 2, 255]);
    expect(await pushPhoenix(ann, "blob", bytes.buffer)).toMatchObject({ status: "ok" });
    await until("the bytes", () => heard.length === 1);
    expect(new Uint8Array(heard[0] ?? new ArrayBuffer(0))).toEqual(bytes);
  });
});

describe("phoenix.js's own Presence", () => {
  it("shows who is in the room, several metas a key, and who has left", async () => {
    const { wsUrl } = await startServer({ auth: { jwtSecret: secret } });
    const connect = () => connectPhoenix(`${wsUrl}/socket`);
    const channelOf = (id: string, meta: object, socket = connect()) =>
      socket.channel("lobby", { token: tokenFor("lobby", id), meta });
    const ann = channelOf("ann", { device: "desk" });
    const presence = new Presence(ann);
    const present = () => presence.list((key, { metas }) => [key, metas.length] as const);
    const left: string[] = [];
    presence.onLeave((key) => left.push(String(key)));
    await joinPhoenix(ann);
    const phone = channelOf("ann", { device: "phone" });
    const bensSocket = connect();
    const ben = channelOf("ben", {}, bensSocket);
    await joinPhoenix(phone);
    await joinPhoenix(ben);
    await until("everyone to be seen", () => present().length === 2 && present()[0]?.[1] === 2);
    expect(Object.fromEntries(present())).toEqual({ ann: 2, ben: 1 });
    const metas = presence.list((_key, presences) => presences.metas).flat();
    expect(new Set(metas.map((meta) => meta.phx_ref)).size).toBe(3);
    expect(metas).toContainEqual(expect.objectContaining({ device: "phone" }));
    await leavePhoenix(phone);
    await until("the phone to be gone", () => present().find(([key]) => key === "ann")?.[1] === 1);
    bensSocket.disconnect();
    await until("ben to be gone", () => left.includes("ben") && present().length === 1);
  });

  it("is right after a leave and a join within one window", async () => {
    const { wsUrl } = await startServer({ limits: { presenceWindowMs: 100 } });
    const watcher = connectPhoenix(`${wsUrl}/socket`).channel("lobby", {});
    const presence = new Presence(watcher);
    await joinPhoenix(watcher);
    const socket = connectPhoenix(`${wsUrl}/socket`);
    const first = socket.channel("lobby", {});
    await joinPhoenix(first);
    await leavePhoenix(first);
    const second = socket.channel("lobby", {});
    await joinPhoenix(second);
    await until("both to be seen", () => presence.list().length === 2);
    await leavePhoenix(second);
    await until("one to be left", () => presence.list().length === 1);
  });
});
