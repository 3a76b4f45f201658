import { describe, expect, it } from "vitest";
import { reject } from "../../../server/index.ts";
import { openEventSource } from "../../support/event-source.ts";
import { askForEvents, eventsPath, followEvents } from "../../support/event-stream.ts";
import { startRedis } from "../../support/redis-server.ts";
import { startServer } from "../../support/server.ts";
import { secret, tokenFor } from "../../support/tokens.ts";
import { until } from "../../support/until.ts";

const AUTH = { auth: { jwtSecret: secret } };

async function shown(response: Response): Promise<unknown> {
  return [response.status, response.headers.get("content-type"), await response.json()];
}

describe("who asks for a room's events", () => {
  it.each([
    ["without a token", "lobby", undefined, 401, "token_missing"],
    ["with a bad token", "lobby", "x.y.z", 401, "token_invalid"],
    ["with an old token", "lobby", tokenFor("lobby", "ann", -60), 401, "token_expired"],
    ["with a token for another room", "lobby", tokenFor("other"), 403, "room_forbidden"],
    ["of no room's name", "a\u0007b", tokenFor("*"), 422, "room_name_invalid"],
    ["of Phoenix's own topic", "phoenix", tokenFor("*"), 404, "room_unmatched"],
  ])("%s is refused", async (_what, room, token, status, code) => {
    const server = await startServer(AUTH);
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    // EventSource says so, too: what is final stays a status.
    const response = await askForEvents(server, room, {
      headers: { ...headers, accept: "text/event-stream" },
    });
    expect(response.headers.get("www-authenticate")).toBe(status === 401 ? "Bearer" : null);
    expect(await shown(response)).toEqual([
      status,
      "application/json",
      { reason: expect.any(String), code },
    ]);
    expect(server.commonroom.io.of("/").sockets.size).toBe(0);
  });

  it.each(["token", "userToken"])("may bring the token as %s in the query", async (name) => {
    const server = await startServer(AUTH);
    const client = await followEvents(server, "lobby", { query: `?${name}=${tokenFor("lobby")}` });
    expect(client.response.statusCode).toBe(200);
  });

  it("from a page that may not connect is refused", async () => {
    const server = await startServer({ auth: { checkOrigin: ["https://ours.example"] } });
    const headers = { origin: "https://theirs.example" };
    expect(await shown(await askForEvents(server, "lobby", { headers }))).toEqual([
      403,
      "application/json",
      { reason: "origin not allowed", code: "origin_refused" },
    ]);
  });

  it("is judged by the connect hook, which sees what it speaks", async () => {
    const seen: unknown[] = [];
    const server = await startServer(
      {},
      {
        connect: ({ dialect, token, params }) => {
          seen.push([dialect, token, params["a"]]);
          return { ok: false, reason: "pay first", status: 402 };
        },
      },
    );
    expect(await shown(await askForEvents(server, "lobby", { query: "?token=t&a[b]=1" }))).toEqual([
      402,
      "application/json",
      { reason: "pay first", code: "connect_refused" },
    ]);
    expect(seen).toEqual([["events", "t", { b: "1" }]]);
  });

  it("is told what an application's channel says", async () => {
    const server = await startServer();
    server.commonroom.channel("room:*", { join: () => reject("members only", { since: 1999 }) });
    const response = await askForEvents(server, "room:a");
    expect(await shown(response)).toEqual([
      403,
      "application/json",
      { reason: "members only", since: 1999 },
    ]);
    expect((await askForEvents(server, "other")).status).toBe(404);
  });

  it("with too long a query is refused", async () => {
    const server = await startServer();
    const query = `?${Array.from({ length: 1001 }, (_, index) => `k${index}=`).join("&")}`;
    expect(await shown(await askForEvents(server, "lobby", { query }))).toEqual([
      400,
      "application/json",
      { reason: "query has too many params", code: "query_refused" },
    ]);
  });

  it.each(["HEAD", "POST", "PUT", "DELETE"])("by %s is answered 405", async (method) => {
    const server = await startServer();
    const response = await fetch(`${server.url}${eventsPath("lobby")}`, { method });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET"]);
    expect(await response.text()).toBe("");
  });

  it("and comes back to what is over for good is answered 204", async () => {
    const server = await startServer();
    const headers = { "last-event-id": "closed" };
    const response = await askForEvents(server, "lobby", { headers });
    expect([response.status, await response.text()]).toEqual([204, ""]);
  });
});

describe("where there is only no room for it now", () => {
  const connect = () => ({ ok: false, reason: "full", status: 503 }) as const;

  it("a program is answered 503", async () => {
    const server = await startServer({}, { connect });
    expect(await shown(await askForEvents(server, "lobby"))).toEqual([
      503,
      "application/json",
      { reason: "full", code: "connect_later" },
    ]);
  });

  it("and the room's log cannot be reached, it is answered 503, too", async () => {
    const redis = await startRedis();
    const rooms = [{ match: "log:*", log: {} }];
    const server = await startServer({ redisUrl: redis.url, rooms });
    await redis.stop();
    await until("the loss", () => server.commonroom.status().redis === "down");
    expect(await shown(await askForEvents(server, "log:a"))).toEqual([
      503,
      "application/json",
      { reason: "log cannot be reached", code: "log_unavailable" },
    ]);
  }, 20_000);

  it("and a channel has thrown, it is answered 500", async () => {
    const server = await startServer();
    server.commonroom.channel("room:*", {
      join: () => {
        throw new Error("a fault of the channel's");
      },
    });
    expect(await shown(await askForEvents(server, "room:a"))).toEqual([
      500,
      "application/json",
      { reason: "join crashed", code: "join_crashed" },
    ]);
  });

  it("and the server stops while it waits to be let in, it is answered 503", async () => {
    let isAsked: boolean = false;
    const server = await startServer(
      {},
      {
        connect: () => {
          isAsked = true;
          return new Promise(() => {});
        },
      },
    );
    const asking = askForEvents(server, "lobby");
    await until("the hook to be asked", () => isAsked);
    await server.commonroom.close();
    expect(await shown(await asking)).toEqual([
      503,
      "application/json",
      { reason: "server restarting", code: "restart" },
    ]);
  });

  it("and the server stops while its join waits, it is answered 503", async () => {
    const server = await startServer();
    let isAsked: boolean = false;
    server.commonroom.channel("room:*", {
      join: () => {
        isAsked = true;
        return new Promise<never>(() => {});
      },
    });
    const asking = askForEvents(server, "room:a");
    await until("the channel to be asked", () => isAsked);
    await server.commonroom.close();
    expect(await shown(await asking)).toMatchObject([503, "application/json", { code: "restart" }]);
  });

  it("and middleware lets nobody in, it is answered 403", async () => {
    const server = await startServer();
    server.commonroom.io.use((_socket, next) => next(new Error("not today")));
    expect(await shown(await askForEvents(server, "lobby"))).toMatchObject([
      403,
      "application/json",
      { code: "connect_refused" },
    ]);
  });

  it("EventSource gets a stream that says so and ends, since it would not come back after a 503", async () => {
    let attempts = 0;
    const server = await startServer(
      {},
      {
        connect: () => {
          attempts += 1;
          return attempts === 1 ? connect() : { ok: true };
        },
      },
    );
    const headers = { accept: "text/event-stream" };
    const response = await askForEvents(server, "lobby", { headers });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(
      'retry: 5000\nevent: phx_error\ndata: {"reason":"full","code":"connect_later"}\n\n',
    );
    attempts = 0;
    const source = await openEventSource(`${server.url}${eventsPath("lobby")}`, ["phx_error"]);
    const { rooms } = server.commonroom.io.of("/").adapter;
    await until("it to be in", () => rooms.has("lobby"), 15_000);
    expect(source.states).not.toContain("closed");
  }, 20_000);
});
