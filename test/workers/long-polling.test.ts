import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { LongPollClient } from "../support/long-poll-client.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";
import { type Answer, useOneConnection } from "./one-connection.ts";
import { startWorkers, type WorkersProcess } from "./workers-process.ts";

type Send = ReturnType<typeof useOneConnection>;

const engine = "/socket.io/?EIO=4&transport=polling";
const posted = { "content-type": "text/plain;charset=UTF-8" };

/** Opens sessions over connections of their own, until some live in each worker. */
async function openNative(server: WorkersProcess, count: number): Promise<string[]> {
  const sessions: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const answer = await fetch(`${server.url}${engine}`, { headers: { connection: "close" } });
    const opened = JSON.parse((await answer.text()).slice(1)) as { readonly sid: string };
    sessions.push(opened.sid);
  }
  for (const { connections } of (await server.health()).values()) expect(connections).toBe(0);
  return sessions;
}

async function connectNative(send: Send, sid: string): Promise<void> {
  const url = `${engine}&sid=${sid}`;
  expect(await send(url, "40", posted)).toMatchObject({ status: 200, body: "ok" });
  expect((await send(url)).body).toMatch(/^40\{"sid"/);
}

async function joinNative(send: Send, sid: string): Promise<Answer> {
  const url = `${engine}&sid=${sid}`;
  await connectNative(send, sid);
  expect(await send(url, '420["join","lobby",{}]', posted)).toMatchObject({ body: "ok" });
  const joined = await send(url);
  expect(joined.body).toContain('"status":"ok"');
  return joined;
}

describe("Socket.IO's long-polling with two workers", { timeout: 60_000 }, () => {
  it("serves sessions of both workers over one connection, as behind a proxy", async () => {
    const server = await startWorkers();
    const sessions = await openNative(server, 4);
    const send = useOneConnection(server);
    const connections = new Set<object>();
    for (const sid of sessions) connections.add((await joinNative(send, sid)).connection);
    expect(connections.size).toBe(1);
    const [first = "", ...others] = sessions;
    await send(`${engine}&sid=${first}`, '421["push","lobby","tick",{"n":1}]', posted);
    for (const sid of others) {
      const heard = await until("the tick", async () => {
        const { body } = await send(`${engine}&sid=${sid}`);
        return body.includes('"tick"') && body;
      });
      expect(heard).toContain('42["tick",{"n":1},{"room":"lobby"}]');
    }
    const members = [...(await server.health()).values()].map((status) => status.connections);
    expect(members).toEqual([2, 2]);
  });

  it("answers a request of a session that nobody has as one process does", async () => {
    const server = await startWorkers();
    const [sid = ""] = await openNative(server, 1);
    const send = useOneConnection(server);
    const unknown = { status: 400, body: '{"code":1,"message":"Session ID unknown"}' };
    const otherEnds = ["AAAB", "AAAC", "____", "AAAA"].map((end) => sid.slice(0, -4) + end);
    for (const made of [...otherEnds.filter((one) => one !== sid), "x", "__proto__"]) {
      expect(await send(`${engine}&sid=${made}`)).toMatchObject(unknown);
    }
  });

  it("lets a client that upgrades keep its session, whichever worker gets the WebSocket", async () => {
    const server = await startWorkers();
    const natives = await Promise.all(
      Array.from({ length: 8 }, () =>
        connectSocketIo(server.url, { transports: ["polling", "websocket"] }),
      ),
    );
    for (const native of natives) {
      await until("the upgrade", () => native.io.engine.transport.name === "websocket");
      expect(await ask(native, "join", "lobby", {})).toMatchObject({ status: "ok" });
    }
    let heard = 0;
    for (const native of natives) native.on("tick", () => (heard += 1));
    await ask(natives[0] as never, "push", "lobby", "tick", {});
    await until("all others to hear", () => heard === 7);
    expect(natives.every(({ connected }) => connected)).toBe(true);
  });

  it("carries a body of many pieces to the worker that it is for", async () => {
    const server = await startWorkers();
    const sessions = await openNative(server, 2);
    const send = useOneConnection(server);
    const long = "é".repeat(200_000);
    for (const sid of sessions) {
      await joinNative(send, sid);
      const push = `422${JSON.stringify(["push", "lobby", "long", { long }])}`;
      expect(await send(`${engine}&sid=${sid}`, push, posted)).toMatchObject({ body: "ok" });
    }
    const heard = await until("the other's push", async () => {
      const { body } = await send(`${engine}&sid=${sessions[0]}`);
      return body.includes('["long"') && body;
    });
    expect(heard).toContain(long);
  });

  it("ends a poll in the other worker when its client hangs up", async () => {
    const server = await startWorkers();
    const sessions = await openNative(server, 2);
    const send = useOneConnection(server);
    for (const sid of sessions) await connectNative(send, sid);
    const polls = sessions.map((sid) => {
      const poll = request(`${server.url}${engine}&sid=${sid}`, { agent: false });
      poll.on("error", () => {});
      poll.end();
      return poll;
    });
    const total = async () => {
      const health = [...(await server.health()).values()];
      return health.reduce((sum, { connections }) => sum + connections, 0);
    };
    expect(await total()).toBe(2);
    for (const poll of polls) poll.destroy();
    // Engine.IO ends a session whose poll is cut off.
    await until("both sessions to end", async () => (await total()) === 0);
  });
});

describe("Phoenix's long-polling with two workers", { timeout: 60_000 }, () => {
  it("serves sessions of both workers over any connection, by query or by header", async () => {
    const server = await startWorkers();
    const url = "/socket/longpoll?vsn=2.0.0";
    const sessions: LongPollClient[] = [];
    for (let n = 0; n < 4; n += 1) {
      const client = new LongPollClient(`${server.url}${url}`);
      const answer = await fetch(client.url, { headers: { connection: "close" } });
      client.token = ((await answer.json()) as { readonly token: string }).token;
      sessions.push(client);
    }
    const send = useOneConnection(server);
    for (const { token } of sessions) {
      const header = { "x-phoenix-longpoll-token": token };
      const join = JSON.stringify(["1", "1", "room:a", "phx_join", {}]);
      expect(await send(url, join, header)).toMatchObject({ body: '{"status":200}' });
      expect((await send(`${url}&token=${token}`)).body).toContain('\\"status\\":\\"ok\\"');
    }
    const [first, ...others] = sessions;
    const push = JSON.stringify(["1", "2", "room:a", "tick", { n: 1 }]);
    await send(`${url}&token=${first?.token}`, push);
    for (const { token } of others) {
      await until("the tick", async () =>
        (await send(`${url}&token=${token}`)).body.includes("tick"),
      );
    }
    const members = [...(await server.health()).values()].map((status) => status.connections);
    expect(members).toEqual([2, 2]);
  });

  it("tells a session that nobody has to begin anew, and takes a page's own token for none", async () => {
    const server = await startWorkers();
    const send = useOneConnection(server);
    for (const end of ["AAAB", "AAAC", "____"]) {
      const token = `lp-${"A".repeat(28)}${end}`;
      const { body } = await send(`/socket/longpoll?vsn=2.0.0&token=${token}`);
      expect(JSON.parse(body)).toMatchObject({ status: 410, messages: [] });
    }
  });
});
