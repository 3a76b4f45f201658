import { LongPoll, Presence } from "phoenix";
import { describe, expect, it } from "vitest";
import type { ConnectRequest } from "../../server/index.ts";
import { connectPhoenix, joinPhoenix, pushPhoenix } from "../support/phoenix-client.ts";
import { connectPlain, joinPlain } from "../support/plain-client.ts";
import { bearer, publish } from "../support/publish.ts";
import { connectRaw } from "../support/raw-client.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { type SpeakerName, speak, speakerNames } from "../support/speaker.ts";
import { secret, tokenFor } from "../support/tokens.ts";
import { openTower } from "../support/tower-client.ts";
import { until } from "../support/until.ts";
import { startBehindNginx } from "./behind-nginx.ts";

const JOIN = ["1", "1", "lobby", "phx_join", {}];
const JOINED = ["1", "1", "lobby", "phx_reply", { status: "ok" }];
const withoutPresence = { rooms: [{ match: "*", presence: false }] };
const MEBIBYTE = 1_048_576;

describe("WebSockets behind nginx, at", () => {
  it.each(["/socket/websocket", "/websocket", "/websocket/websocket"])(
    "%s, are Phoenix's",
    async (path) => {
      const { front } = await startBehindNginx();
      const client = await connectRaw(`${front.wsUrl}${path}?vsn=2.0.0`);
      client.send(JOIN);
      expect(await client.next()).toMatchObject(JOINED);
    },
  );

  it.each(["/websocket/", "/api/websocket/", "/api/websocket"])("%s, are Tower's", async (path) => {
    const { front } = await startBehindNginx();
    const client = await openTower(front.wsUrl + path);
    expect(await client.groups({ jobs: ["status_changed"] })).toMatchObject({
      groups_joined: ["jobs-status_changed"],
    });
    await publish(front, { room: "jobs-status_changed", payload: { id: 1.5 } });
    expect(await client.next()).toBe('{"id":1.5}');
  });

  it("/websocket/relay/, are those of AWX's task nodes, and need their header", async () => {
    const { front } = await startBehindNginx({ tower: { relaySecret: "relay-secret" } });
    await expect(connectRaw(`${front.wsUrl}/websocket/relay/`)).rejects.toThrow("403");
  });

  it("/ws, are plain", async () => {
    const { front } = await startBehindNginx();
    await joinPlain(front, "lobby");
  });

  it("/pubsub, are ColonyOS's", async () => {
    const { front } = await startBehindNginx();
    const client = await connectRaw(`${front.wsUrl}/pubsub`);
    client.send("no request");
    expect(await client.next()).toMatchObject({ payloadtype: "error", error: true });
  });

  it("/socket.io/, are Socket.IO's", async () => {
    const { front } = await startBehindNginx();
    const client = await connectRaw(`${front.wsUrl}/socket.io/?EIO=4&transport=websocket`);
    expect(await client.next()).toMatch(/^0\{"sid"/);
  });

  it("anything else, are refused by the node", async () => {
    const { front } = await startBehindNginx();
    await expect(connectRaw(`${front.wsUrl}/elsewhere`)).rejects.toThrow("404");
  });
});

describe("clients behind nginx", () => {
  it("of every dialect and transport hear each other in one room", async () => {
    const { front } = await startBehindNginx(withoutPresence);
    const speakers = await Promise.all(
      speakerNames.map(async (name) => ({ name, speaker: await speak(name, front) })),
    );
    for (const { speaker } of speakers) {
      expect(await speaker.join("lobby", {})).toMatchObject({ status: "ok" });
    }
    for (const { name, speaker } of speakers) {
      expect(await speaker.push("lobby", "said", { by: name })).toMatchObject({ status: "ok" });
    }
    const said = (by: SpeakerName) => ["lobby", "said", { by }];
    for (const { name, speaker } of speakers) {
      const others = speakerNames.filter((other) => other !== name);
      const heard = [];
      for (const _other of others) heard.push(await speaker.next());
      expect(heard).toEqual(others.map(said));
    }
  });

  it("that are phoenix.js, over both transports, see who is present", async () => {
    const { front } = await startBehindNginx();
    const [webSocket, longPoll] = [{}, { transport: LongPoll }].map((options) =>
      connectPhoenix(`${front.wsUrl}/socket`, options).channel("lobby", {}),
    );
    if (webSocket === undefined || longPoll === undefined) throw new Error("no channels");
    const heard: unknown[] = [];
    longPoll.on("shout", (payload) => void heard.push(payload));
    const lists = [webSocket, longPoll].map((channel) => new Presence(channel));
    expect(await joinPhoenix(webSocket)).toMatchObject({ status: "ok" });
    expect(await joinPhoenix(longPoll)).toMatchObject({ status: "ok" });
    for (const list of lists) await until("both presences", () => list.list().length === 2);
    expect(await pushPhoenix(webSocket, "shout", { n: 1 })).toMatchObject({ status: "ok" });
    await until("the message", () => heard.length === 1);
  });

  it("that are Socket.IO's and begin with long-polling upgrade to WebSocket", async () => {
    const { front } = await startBehindNginx(withoutPresence);
    const socket = await connectSocketIo(front.url, { transports: ["polling", "websocket"] });
    const heard: unknown[] = [];
    socket.on("tick", (payload: unknown) => heard.push(payload));
    await until("the upgrade", () => socket.io.engine.transport.name === "websocket");
    await ask(socket, "join", "lobby", {});
    await publish(front, { room: "lobby", event: "tick", payload: { n: 1 } });
    await until("the message", () => heard.length === 1);
  });

  it("are shown to the connect hook as nginx sees them, whatever they say", async () => {
    const seen: ConnectRequest[] = [];
    const connect = (request: ConnectRequest) => {
      seen.push(request);
      return { ok: true as const };
    };
    const { front } = await startBehindNginx({}, { connect });
    await connectRaw(`${front.wsUrl}/ws`, [], { "x-forwarded-for": "10.1.1.1" });
    expect(seen[0]?.headers).toMatchObject({
      host: `127.0.0.1:${front.port}`,
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
    });
  });
});

describe("check_origin behind nginx", () => {
  const connectFrom = (wsUrl: string, origin: string) =>
    connectRaw(`${wsUrl}/socket/websocket?vsn=2.0.0`, [], { origin });

  it("knows the pages of public_url, and refuses others", async () => {
    const publicUrl = "https://rooms.example.org";
    const { front, nginx } = await startBehindNginx({ publicUrl, auth: { checkOrigin: true } });
    await connectFrom(nginx.wsUrl, publicUrl);
    await expect(connectFrom(nginx.wsUrl, "https://elsewhere.example.org")).rejects.toThrow("403");
    expect(front.commonroom.status().connections).toBe(1);
  });

  it('of "conn" compares with the host and port that the client asked nginx for', async () => {
    const { nginx } = await startBehindNginx({ auth: { checkOrigin: "conn" } });
    await connectFrom(nginx.wsUrl, nginx.url);
    await expect(connectFrom(nginx.wsUrl, "http://127.0.0.1:1")).rejects.toThrow("403");
  });
});

describe("HTTP behind nginx", () => {
  it("reaches /publish and /health, and not the live page", async () => {
    const { front } = await startBehindNginx(withoutPresence);
    const member = await joinPlain(front, "lobby");
    const sent = await publish(front, { room: "lobby", payload: { n: 1 } });
    expect(sent).toMatchObject({ status: 200, body: { members: 1 } });
    expect(await member.next()).toEqual({ n: 1, _room: "lobby" });
    const health = await fetch(`${front.url}/health`);
    expect(await health.json()).toMatchObject({ status: "ok", connections: 1 });
    expect((await fetch(front.url)).status).toBe(404);
  });

  it("does not reach /token, where a node on loopback signs for whoever asks", async () => {
    const { node, front } = await startBehindNginx({ auth: { jwtSecret: secret } });
    const body = JSON.stringify({ channel: "*" });
    const request = { method: "POST", body, headers: { "content-type": "application/json" } };
    expect((await fetch(`${node.url}/token`, request)).status).toBe(200);
    expect((await fetch(`${front.url}/token`, request)).status).toBe(404);
  });

  it("with a body over max_frame_bytes is refused in the node's words", async () => {
    const { front } = await startBehindNginx();
    const { status, body } = await publish(front, { room: "a", payload: "x".repeat(MEBIBYTE) });
    expect({ status, body }).toMatchObject({ status: 413, body: { code: "too_large" } });
    expect((await post(front.url, "/api", MEBIBYTE + 1)).status).toBe(413);
  });

  it("with a body over nginx's own limit does not reach the node", async () => {
    const { front } = await startBehindNginx();
    for (const path of ["/publish", "/api", "/longpoll", "/socket.io/"]) {
      const answer = await post(front.url, path, 2 * MEBIBYTE + 1);
      expect(answer.status).toBe(413);
      expect(await answer.text()).toContain("nginx");
    }
  });

  it("leaves no token in the logs, neither from queries nor from headers", async () => {
    const { nginx, front, node } = await startBehindNginx({ auth: { jwtSecret: secret } });
    const token = tokenFor("lobby");
    const plain = await connectPlain(front, `?token=${token}`);
    plain.send({ type: "_join", room: "lobby", _id: 1 });
    expect(await plain.next()).toMatchObject({ status: "ok" });
    await fetch(`${front.url}/rooms/lobby/presence?token=${token}`);
    await node.commonroom.close();
    await fetch(`${front.url}/rooms/lobby/presence?token=${token}`, { headers: bearer(token) });
    const logged = await until("all lines", async () => {
      const text = await nginx.logged();
      return text.includes(" 502 ") && text.includes(" /ws 101 ") && text;
    });
    expect(logged).toContain("GET /rooms/lobby/presence 200");
    expect(logged).not.toContain(token);
    expect(logged).not.toContain("?");
  });
});

function post(url: string, path: string, bytes: number): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(`${url}${path}`, { method: "POST", body: Buffer.alloc(bytes, "x"), headers });
}
