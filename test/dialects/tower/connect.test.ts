import { connect as connectTcp } from "node:net";
import { describe, expect, it } from "vitest";
import type { CanSee, ResolveUser, TowerUpgrade } from "../../../server/index.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { secret, tokenFor } from "../../support/tokens.ts";
import { connectTower, openTower } from "../../support/tower-client.ts";
import { until } from "../../support/until.ts";

const withSecret = { auth: { jwtSecret: secret } };
const ACCEPTED = '{"accept": true, "user": "ann"}';
const DENIED = '{"error": "access denied to channel"}';
const JOINED = '{"groups_current": ["jobs-a"], "groups_left": [], "groups_joined": ["jobs-a"]}';

/** The head of the answer to an upgrade. */
function upgradeHead(server: TestServer, path: string, headers: string[] = []): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(server.port, "127.0.0.1");
    const lines = [
      `GET ${path} HTTP/1.1`,
      "host: 127.0.0.1",
      "connection: Upgrade",
      "upgrade: websocket",
      "sec-websocket-version: 13",
      "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
      ...headers,
    ];
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      const end = answer.indexOf("\r\n\r\n");
      if (end === -1) return;
      socket.destroy();
      resolve(answer.slice(0, end));
    });
    socket.on("error", reject);
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  });
}

describe("the addresses", () => {
  it.each(["/websocket/", "/api/websocket/", "/api/websocket"])(
    "%s accepts a client at once",
    async (path) => {
      const { wsUrl } = await startServer();
      const client = await connectTower(wsUrl + path);
      expect(await client.next()).toBe('{"accept": true, "user": null}');
    },
  );

  it.each([
    "/awx/websocket/",
    "/awx/websocket",
    "/awx/api/websocket/",
    "/api/awx/v2/websocket/",
    "/api/awx/v2/websocket",
    "/a/b/websocket/",
    "/websocket/",
  ])("%s is served where the prefixes say so", async (path) => {
    const { wsUrl } = await startServer({ tower: { prefixes: ["/awx", "/a/b"] } });
    await openTower(wsUrl + path);
  });

  it.each(["/awx/websocket/", "/websocket/x", "/foo/websocket/", "/websocket/relay/"])(
    "%s is not there by default",
    async (path) => {
      const server = await startServer();
      expect(await upgradeHead(server, path)).toMatch(/^HTTP\/1\.1 404 /);
    },
  );

  it.each(["awx", "/awx/", "/", "/a b", "/*"])("the prefix %j is refused", async (prefix) => {
    await expect(startServer({ tower: { prefixes: [prefix] } })).rejects.toThrow("such as /awx");
  });

  it("select no sub-protocol, and no compression", async () => {
    const server = await startServer();
    const offered = [
      "sec-websocket-protocol: phoenix, other",
      "sec-websocket-extensions: permessage-deflate",
    ];
    const head = await upgradeHead(server, "/websocket/", offered);
    expect(head).toMatch(/^HTTP\/1\.1 101 /);
    expect(head).not.toMatch(/sec-websocket-(protocol|extensions)/i);
  });

  it("refuse those whom nobody knows with 403, Access denied, and an empty body", async () => {
    const server = await startServer(withSecret);
    const head = await upgradeHead(server, "/websocket/", ["cookie: token=bad"]);
    expect(head).toMatch(/^HTTP\/1\.1 403 Access denied\r\n/);
    expect(head).toContain("content-length: 0");
  });

  it("judge the origin, and ask the connect hook, which learns what the client speaks", async () => {
    const asked: unknown[] = [];
    const options = { ...withSecret, auth: { jwtSecret: secret, checkOrigin: ["//a.com"] } };
    const server = await startServer(options, {
      connect: ({ dialect, token }) => {
        asked.push([dialect, token]);
        return { ok: false, reason: "not today", status: 503 };
      },
    });
    const token = tokenFor("*");
    const path = `/websocket/?token=${token}`;
    expect(await upgradeHead(server, path, ["origin: https://b.com"])).toContain(" 403 ");
    expect(asked).toEqual([]);
    expect(await upgradeHead(server, path)).toMatch(/^HTTP\/1\.1 503 /);
    expect(asked).toEqual([["tower", token]]);
  });
});

describe("a token", () => {
  it.each([
    ["the URL", `?token=${tokenFor("jobs-*")}`, {}],
    ["the header Authorization", "", { authorization: `Bearer ${tokenFor("jobs-*")}` }],
    [
      "the header, where the URL's is bad,",
      "?token=bad",
      { authorization: `Bearer ${tokenFor("jobs-*")}` },
    ],
  ])("in %s is enough, and needs no xrftoken", async (_where, query, headers) => {
    const { wsUrl } = await startServer(withSecret);
    const client = await connectTower(`${wsUrl}/websocket/${query}`, { headers });
    expect(await client.next()).toBe(ACCEPTED);
    client.ask({ jobs: ["a"] });
    expect(await client.next()).toBe(JOINED);
  });

  it.each([
    ["as it is", (token: string) => token],
    ["in quotes", (token: string) => `"${token}"`],
    ["in quotes that are encoded", (token: string) => `%22${token}%22`],
  ])("in the cookie token, %s, needs the xrftoken in every message", async (_how, write) => {
    const { wsUrl } = await startServer(withSecret);
    const headers = { cookie: `token=${write(tokenFor("jobs-*"))}; csrftoken=TOK` };
    const client = await connectTower(`${wsUrl}/websocket/`, { headers });
    expect(await client.next()).toBe(ACCEPTED);
    const groups = { jobs: ["a"] };
    for (const xrftoken of [undefined, "", "tok", null, 5, ["TOK"]]) {
      client.send(JSON.stringify({ groups, xrftoken }));
      expect(await client.next()).toBe(DENIED);
    }
    client.send(JSON.stringify({ groups, xrftoken: "TOK" }));
    expect(await client.next()).toBe(JOINED);
    client.send(JSON.stringify({ groups: {} }));
    client.send(JSON.stringify({ groups, xrftoken: "TOK" }));
    expect(await client.next()).toBe(DENIED);
    expect(await client.next()).toContain('"groups_left": []');
  });

  it("in a cookie is of no use without the cookie csrftoken", async () => {
    const { wsUrl } = await startServer(withSecret);
    const headers = { cookie: `token=${tokenFor("jobs-*")}` };
    const client = await openTower(`${wsUrl}/websocket/`, { headers });
    client.send('{"xrftoken": "", "groups": {}}');
    client.send('{"xrftoken": null, "groups": {}}');
    expect([await client.next(), await client.next()]).toEqual([DENIED, DENIED]);
  });

  it("of another server in a cookie shuts nobody out of an open house", async () => {
    const { wsUrl } = await startServer();
    const headers = { cookie: "token=abc; csrftoken=TOK" };
    const client = await connectTower(`${wsUrl}/websocket/`, { headers });
    expect(await client.next()).toBe('{"accept": true, "user": null}');
    client.ask({ jobs: ["a"] });
    expect(await client.next()).toBe(JOINED);
  });
});

describe("the hook resolveUser", () => {
  const byCookie: ResolveUser = async ({ cookies }) =>
    cookies.get("awx_sessionid") === "s1" ? { id: 7, byCookie: true } : undefined;

  it("sees the request with its cookies, and says who the client is", async () => {
    const seen: TowerUpgrade[] = [];
    const server = await startServer(withSecret, {
      resolveUser: (request) => {
        seen.push(request);
        return { id: "ü", byCookie: false };
      },
    });
    const headers = { cookie: 'awx_sessionid="s1"', "x-more": "1" };
    const client = await connectTower(`${server.wsUrl}/api/websocket/?a=1&a=2`, { headers });
    expect(await client.next()).toBe('{"accept": true, "user": "\\u00fc"}');
    const [request] = seen;
    expect(request).toMatchObject({
      url: "/api/websocket/?a=1&a=2",
      address: "127.0.0.1",
      headers: { "x-more": "1" },
    });
    expect(request?.cookies.get("awx_sessionid")).toBe("s1");
    expect(request?.query.get("a")).toBe("2");
  });

  it("goes before a token, and where it knows nobody the token counts", async () => {
    const { wsUrl } = await startServer(withSecret, { resolveUser: byCookie });
    const url = `${wsUrl}/websocket/?token=${tokenFor("*")}`;
    const known = await connectTower(url, { headers: { cookie: "awx_sessionid=s1" } });
    expect(await known.next()).toBe('{"accept": true, "user": 7}');
    const unknown = await connectTower(url, { headers: { cookie: "awx_sessionid=s2" } });
    expect(await unknown.next()).toBe(ACCEPTED);
    await expect(connectTower(`${wsUrl}/websocket/`)).rejects.toThrow("403");
  });

  it("does not open any other room whose name a group can have, unless canSee does", async () => {
    const headers = { cookie: "awx_sessionid=s1; csrftoken=TOK" };
    const asked: unknown[] = [];
    const canSee: CanSee = (user, group, id) => {
      asked.push([user?.id, group, id]);
      return id === "open";
    };
    const hooks = { resolveUser: byCookie };
    const strict = await startServer(withSecret, hooks);
    const first = await openTower(`${strict.wsUrl}/websocket/`, { headers, csrfToken: "TOK" });
    first.ask({ chat: ["staff"] });
    expect(await first.next()).toContain("access denied to channel chat for resource id staff");
    const asking = await startServer(withSecret, { ...hooks, canSee });
    const second = await openTower(`${asking.wsUrl}/websocket/`, { headers, csrfToken: "TOK" });
    second.ask({ chat: ["open", "staff"] });
    expect(await second.next()).toContain("access denied to channel chat for resource id staff");
    expect(await second.next()).toContain('"groups_current": ["chat-open"]');
    expect(asked).toEqual([
      [7, "chat", "open"],
      [7, "chat", "staff"],
    ]);
  });

  it("lets its users into groups without a token, but into a resource's only by canSee", async () => {
    const { wsUrl } = await startServer(withSecret, { resolveUser: byCookie });
    const headers = { cookie: "awx_sessionid=s1; csrftoken=TOK" };
    const client = await openTower(`${wsUrl}/websocket/`, { headers, csrfToken: "TOK" });
    client.ask({ jobs: ["a"], job_events: [1] });
    expect(await client.next()).toBe(
      '{"error": "access denied to channel job_events for resource id 1"}',
    );
    expect(await client.next()).toBe(JOINED);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("boom");
      },
    ],
    [
      "rejects",
      async () => {
        throw new Error("boom");
      },
    ],
    ["never answers", () => new Promise<undefined>(() => {})],
  ] as const)("refuses the client if it %s, and the log says so", async (_what, resolveUser) => {
    // In an open house everyone would be welcome.
    const server = await startServer({ limits: { dialectTimeoutMs: 100 } }, { resolveUser });
    await expect(connectTower(`${server.wsUrl}/websocket/`)).rejects.toThrow("403");
    const undecided = await connectTower(`${server.wsUrl}/websocket`);
    undecided.ask({ jobs: ["a"] });
    expect((await undecided.end()).code).toBe(4401);
    expect(server.logLines.join()).toContain('"hook":"resolveUser"');
  });

  it("is asked about no more clients in a second than may connect", async () => {
    let asked = 0;
    const server = await startServer(
      { limits: { connectsPerSec: 1, maxWaitingConnects: 2 } },
      {
        resolveUser: () => {
          asked += 1;
          return { id: 1, byCookie: false };
        },
      },
    );
    const clients = Array.from({ length: 20 }, () => connectTower(`${server.wsUrl}/websocket/`));
    const settled = await Promise.allSettled(clients);
    const refused = settled.filter(({ status }) => status === "rejected");
    expect([refused.length, asked]).toEqual([17, 3]);
  });

  it("that is pending does not hold up the end of the server, whose clients come back", async () => {
    let isAsked = false;
    const server = await startServer(withSecret, {
      resolveUser: () => {
        isAsked = true;
        return new Promise(() => {});
      },
    });
    const refused = expect(connectTower(`${server.wsUrl}/websocket/`)).rejects.toThrow("503");
    await until("the hook to be asked", () => isAsked);
    const startedAtMs = Date.now();
    await Promise.all([server.commonroom.close(), refused]);
    expect(Date.now() - startedAtMs).toBeLessThan(5000);
  });
});

describe("the address /websocket, which is Phoenix's,", () => {
  it.each(['{"groups": {"jobs": ["a"]}}', '{"groups": {"jobs": ["a"]}, "xrftoken": null}'])(
    "is a Tower client's too if its first frame is %s",
    async (frame) => {
      const { wsUrl } = await startServer();
      const client = await connectTower(`${wsUrl}/websocket`);
      client.send(frame);
      expect(await client.next()).toBe('{"accept": true, "user": null}');
      expect(await client.next()).toBe(JOINED);
    },
  );

  it("finds out who the client is before its first request is handled", async () => {
    const { wsUrl } = await startServer(withSecret, {
      resolveUser: async ({ cookies }) => {
        await new Promise((resolve) => setImmediate(resolve));
        return cookies.has("awx_sessionid") ? { id: 7, byCookie: true } : undefined;
      },
    });
    const headers = { cookie: "awx_sessionid=s1; csrftoken=TOK" };
    const client = await connectTower(`${wsUrl}/websocket`, { headers });
    client.send('{"groups": {"jobs": ["a"]}}');
    client.send('{"groups": {"jobs": ["a"]}, "xrftoken": "TOK"}');
    expect(await client.next()).toBe('{"accept": true, "user": 7}');
    expect([await client.next(), await client.next()]).toEqual([DENIED, JOINED]);
  });

  it("takes the token of the URL, and closes with 4401 without any", async () => {
    const { wsUrl } = await startServer(withSecret);
    const client = await connectTower(`${wsUrl}/websocket?token=${tokenFor("jobs-a")}`);
    client.ask({ jobs: ["a"] });
    expect([await client.next(), await client.next()]).toEqual([ACCEPTED, JOINED]);
    const stranger = await connectTower(`${wsUrl}/websocket`);
    stranger.ask({ jobs: ["a"] });
    expect(await stranger.end()).toEqual({ code: 4401, reason: "token not accepted" });
    expect(stranger.frames).toEqual([]);
  });
});

describe("a connection", () => {
  it("is pinged while it is silent, and lives", async () => {
    const server = await startServer({ limits: { idleTimeoutMs: 300 } });
    const client = await openTower(`${server.wsUrl}/websocket/`);
    let pings = 0;
    client.webSocket.on("ping", () => {
      pings += 1;
    });
    await until("three pings", () => pings >= 3);
    expect(client.webSocket.readyState).toBe(client.webSocket.OPEN);
  });

  it("is told 1012 when the server stops", async () => {
    const server = await startServer();
    const client = await openTower(`${server.wsUrl}/websocket/`);
    await server.commonroom.close();
    expect(await client.end()).toEqual({ code: 1012, reason: "server restarting" });
  });
});
