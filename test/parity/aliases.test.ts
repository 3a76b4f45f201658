import { describe, expect, it } from "vitest";
import { createCommonroom } from "../../server/index.ts";
import { loadSettings } from "../../server/settings.ts";
import { followEvents } from "../support/event-stream.ts";
import { connectPlain, heardBy } from "../support/plain-client.ts";
import { connectRaw } from "../support/raw-client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { connectSocketIo } from "../support/socket-io-client.ts";
import { speak } from "../support/speaker.ts";
import { secret, tokenFor } from "../support/tokens.ts";

const match = { match: "job_events-*", aliases: ["job:*"], presence: false };

/** Servers on which `job:42` and `job_events-42` are one room. */
const servers: [string, () => Promise<TestServer>][] = [
  ["the relay's settings", () => startServer({ rooms: [match] })],
  [
    "an application's channel",
    async () => {
      const server = await startServer();
      server.commonroom.channel("job_events-*", {
        aliases: ["job:*"],
        otherwise: (member, event, payload) => member.broadcastFrom(event, payload),
      });
      return server;
    },
  ],
];

describe.each(servers)("a room with another name, by %s,", (_by, start) => {
  it("is one room, and each member is told the name that it joined", async () => {
    const server = await start();
    const ann = await speak("v2", server);
    const ben = await speak("v1", server);
    const cas = await speak("plain", server);
    const dan = await speak("plain", server);
    await ann.join("job:42", {});
    await ben.join("job_events-42", {});
    await cas.join("job:42", {});
    await dan.join("job_events-42", {});
    const streams = [
      await followEvents(server, "job:42"),
      await followEvents(server, "job_events-42"),
    ];
    expect(server.commonroom.status().rooms).toBe(1);
    server.commonroom.io.to("job_events-42").emit("line", { n: 1 });
    expect(await ann.next()).toEqual(["job:42", "line", { n: 1 }]);
    expect(await ben.next()).toEqual(["job_events-42", "line", { n: 1 }]);
    expect(await cas.next()).toEqual(["job:42", "line", { n: 1 }]);
    expect(await dan.next()).toEqual(["job_events-42", "line", { n: 1 }]);
    for (const stream of streams) {
      await stream.hears("line");
      expect(stream.heard).toEqual([["line", { n: 1 }]]);
    }
    ann.send("job:42", "line", { n: 2 });
    expect(await cas.next()).toEqual(["job:42", "line", { n: 2 }]);
    expect(await ben.next()).toEqual(["job_events-42", "line", { n: 2 }]);
  });

  it("is left under its name, and is told closed under it", async () => {
    const server = await start();
    const client = await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0`);
    client.send(["1", "1", "job:42", "phx_join", {}]);
    expect(await client.next()).toMatchObject(["1", "1", "job:42", "phx_reply", { status: "ok" }]);
    client.send(["2", "2", "job_events-42", "phx_join", {}]);
    expect(await client.next()).toMatchObject(["2", "2", "job_events-42", "phx_reply", {}]);
    expect(await client.next()).toEqual(["1", "1", "job:42", "phx_close", {}]);
    client.send(["2", "3", "job:42", "phx_leave", {}]);
    expect(await client.next()).toMatchObject(["2", "3", "job:42", "phx_reply", { status: "ok" }]);
    expect(await client.next()).toEqual(["2", "2", "job_events-42", "phx_close", {}]);
  });

  it("is shown to native Socket.IO members under its own name", async () => {
    const server = await start();
    const native = await connectSocketIo(server.url);
    const heard = new Promise((resolve) => native.once("line", (...args) => resolve(args)));
    await native.emitWithAck("join", "job:42", {});
    server.commonroom.io.to("job_events-42").emit("line", {});
    expect(await heard).toEqual([{}, { room: "job_events-42" }]);
  });
});

describe("a room with another name", () => {
  it("is open to a token that covers either", async () => {
    const server = await startServer({ auth: { jwtSecret: secret }, rooms: [match] });
    const ann = await connectPlain(server);
    for (const [room, token] of [
      ["job:42", tokenFor("job:*")],
      ["job:43", tokenFor("job_events-*")],
      ["job_events-44", tokenFor("job_events-44")],
      ["job:45", tokenFor("job:46")],
    ]) {
      ann.send({ type: "_join", room, token, _id: room });
    }
    expect(await heardBy(ann)).toMatchObject([
      { _re: "job:42", status: "ok" },
      { _re: "job:43", status: "ok" },
      { _re: "job_events-44", status: "ok" },
      { _re: "job:45", response: { code: "room_forbidden" } },
    ]);
  });

  it("may not be longer than a name may be", async () => {
    const server = await startServer({ rooms: [match] });
    const ann = await connectPlain(server);
    ann.send({ type: "_join", room: `job:${"x".repeat(250)}`, _id: 1 });
    expect(await heardBy(ann)).toMatchObject([{ response: { code: "room_name_invalid" } }]);
  });

  it("never stands for the private room of a socket", async () => {
    const server = await startServer({ rooms: [{ match: "*", aliases: ["my:*"] }] });
    const native = await connectSocketIo(server.url);
    const ann = await connectPlain(server);
    ann.send({ type: "_join", room: `my:${native.id}`, _id: 1 });
    expect(await heardBy(ann)).toMatchObject([{ response: { code: "room_forbidden" } }]);
  });

  it("needs an alias of the pattern's kind", () => {
    const text = '[[rooms]]\nmatch = "job_events-*"\naliases = ["job"]\n';
    const flags = new Map([["config", "c.toml"]]);
    expect(loadSettings({ flags, environment: {}, readFile: () => text })).toMatchObject({
      ok: false,
      problems: [expect.stringContaining("an alias must end with * exactly if match does")],
    });
    const commonroom = createCommonroom({ port: 0, logLevel: "silent" });
    expect(() => commonroom.channel("a", { aliases: ["b:*"] })).toThrow("alias b:* does not fit a");
  });
});
