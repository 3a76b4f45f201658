import { createServer } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { signToken } from "../../../server/auth/token.ts";
import { createCommonroom } from "../../../server/index.ts";
import { BusListener } from "../../support/bus-listener.ts";
import { connectPhoenix, joinPhoenix } from "../../support/phoenix-client.ts";
import { heardBy, joinPlain } from "../../support/plain-client.ts";
import { bearer, publish } from "../../support/publish.ts";
import { joinRaw } from "../../support/raw-member.ts";
import { connectBackend, freePort, startRedis } from "../../support/redis-server.ts";
import { startServer } from "../../support/server.ts";
import { ask, connectSocketIo } from "../../support/socket-io-client.ts";
import { speak, speakerNames } from "../../support/speaker.ts";
import { secret } from "../../support/tokens.ts";
import { until } from "../../support/until.ts";

const quiet = { rooms: [{ match: "*", presence: false }] };

describe("a published message", () => {
  it("reaches members of phoenix.js, socket.io-client and /ws, and counts them", async () => {
    const server = await startServer(quiet);
    const heard: unknown[] = [];
    const channel = connectPhoenix(`${server.wsUrl}/socket`).channel("chat:1", {});
    channel.on("said", (payload: unknown) => void heard.push(["phoenix.js", payload]));
    await joinPhoenix(channel);
    const native = await connectSocketIo(server.url);
    native.on("said", (...args: unknown[]) => heard.push(["socket.io-client", ...args]));
    await ask(native, "join", "chat:1", {});
    const plain = await joinPlain(server, "chat:1");
    await joinPlain(server, "chat:2");
    const answer = await publish(server, { room: "chat:1", event: "said", payload: { n: 1 } });
    expect(answer.body).toEqual({ room: "chat:1", event: "said", members: 3 });
    expect(await plain.next()).toEqual({ n: 1, _event: "said", _room: "chat:1" });
    await until("the others to hear", () => heard.length === 2);
    expect(heard).toEqual(
      expect.arrayContaining([
        ["phoenix.js", { n: 1 }],
        ["socket.io-client", { n: 1 }, { room: "chat:1" }],
      ]),
    );
  });

  it.each(speakerNames)("reaches a member over %s", async (name) => {
    const server = await startServer(quiet);
    const member = await speak(name, server);
    await member.join("a", {});
    await publish(server, { room: "a", event: "x:y", payload: { n: 1 } });
    expect(await member.next()).toEqual(["a", "x:y", { n: 1 }]);
  });

  it.each(['{ "big": 9007199254740993 }', "[1.0]", '"text"', "null", "-0.0", '"\\u00e9"', "{}"])(
    "with the payload %s arrives as it was written",
    async (payload) => {
      const server = await startServer(quiet);
      const { texts } = await joinRaw(server, "a");
      await publish(server, `{"room":"a","payload":${payload}}`);
      await until("the message", () => texts.length === 1);
      expect(texts).toEqual([`[null,null,"a","message",${payload}]`]);
    },
  );

  it("reaches members of rooms whose own pushes go to backends only, and no backend", async () => {
    const redis = await startRedis();
    const server = await startServer({ ...quiet, redisUrl: redis.url });
    const member = await joinRaw(server, "system");
    const listener = new BusListener();
    await listener.listen(await connectBackend(redis.url), "*:system:*");
    await publish(server, { room: "system", event: "tick", payload: 1 });
    await until("the message", () => member.texts.length === 1);
    member.client.send(["1", "2", "system", "pushed", {}]);
    await until("the push", () => listener.heard.length > 0);
    expect(listener.channels).toEqual(["from:system:pushed"]);
  });

  it("passes by a channel's intercept", async () => {
    const server = await startServer();
    server.commonroom.channel("a", {
      intercept: { message: (_member, payload) => ({ seen: payload }) },
    });
    const { texts } = await joinRaw(server, "a");
    await publish(server, { room: "a", payload: { n: 1 } });
    await until("the message", () => texts.length === 1);
    expect(JSON.parse(texts[0] ?? "")[4]).toEqual({ seen: { n: 1 } });
  });

  it("may name a room by its other name", async () => {
    const rooms = [
      { match: "job_events-*", aliases: ["job:*"], presence: false },
      { match: "j-*", aliases: ["j----*"] },
    ];
    const server = await startServer({ rooms, auth: { jwtSecret: secret, anonymous: ["*"] } });
    const { texts } = await joinRaw(server, "job_events-42");
    const call = (room: string, covered: string) => {
      const token = signToken({ id: "ci", publish: covered }, secret, 60, Date.now());
      return publish(server, { room, payload: 1 }, bearer(token));
    };
    expect(await call("job:42", "job:*")).toMatchObject({ body: { room: "job:42", members: 1 } });
    expect(await call("job:42", "job_events-42")).toMatchObject({ status: 200 });
    expect(await call("job:42", "job:4")).toMatchObject({ status: 403 });
    expect(await call(`job:${"x".repeat(250)}`, "*")).toMatchObject({ status: 422 });
    expect(await call(`j----${"x".repeat(251)}`, "*")).toMatchObject({ status: 422 });
    expect(texts).toHaveLength(2);
  });

  it("for a room without members is no mistake", async () => {
    const answer = await publish(await startServer(), { room: "empty", payload: 1 });
    expect(answer).toMatchObject({ status: 200, body: { members: 0 } });
  });
});

describe("except", () => {
  it("leaves out the connections that it names, by their name or a member's id", async () => {
    const server = await startServer(quiet);
    const ann = await joinRaw(server, "a");
    const ben = await joinRaw(server, "a");
    const cas = await joinRaw(server, "a");
    const call = (payload: number, except: unknown) =>
      publish(server, { room: "a", payload, except });
    const [name] = ann.id.split(":");
    expect(await call(1, name)).toMatchObject({ body: { members: 2 } });
    expect(await call(2, [ben.id, ann.id, name])).toMatchObject({ body: { members: 1 } });
    expect(await call(3, "nobody")).toMatchObject({ body: { members: 3 } });
    expect(await call(4, ["", ":", "\u0000"])).toMatchObject({ body: { members: 3 } });
    expect(await call(5, [])).toMatchObject({ body: { members: 3 } });
    await until("all to arrive", () => cas.texts.length === 5);
    const payloads = ({ texts }: typeof ann) => texts.map((text) => JSON.parse(text)[4]);
    await until("hers", () => ann.texts.length === 3);
    expect(payloads(ann)).toEqual([3, 4, 5]);
    expect(payloads(ben)).toEqual([1, 3, 4, 5]);
    expect(payloads(cas)).toEqual([1, 2, 3, 4, 5]);
  });

  it("leaves out nobody of another room, and no room by its name", async () => {
    const server = await startServer(quiet);
    await joinRaw(server, "a");
    const elsewhere = await joinRaw(server, "b");
    const answer = await publish(server, { room: "a", payload: 1, except: [elsewhere.id, "a"] });
    expect(answer).toMatchObject({ body: { members: 1 } });
  });

  it("leaves out every member of a page that is in several rooms", async () => {
    const server = await startServer(quiet);
    const ann = await joinRaw(server, "a");
    ann.client.send(["2", "2", "b", "phx_join", {}]);
    await until("the second join", () => ann.texts.length === 1);
    const answer = await publish(server, { room: "b", payload: 1, except: ann.id });
    expect(answer).toMatchObject({ body: { members: 0 } });
  });
});

describe("a name", () => {
  it.each([
    ["phoenix", "message", 404, "room_unmatched"],
    ["", "message", 422, "room_name_invalid"],
    [7, "message", 422, "room_name_invalid"],
    [undefined, "message", 422, "room_name_invalid"],
    ["x".repeat(256), "message", 422, "room_name_invalid"],
    ["a\n", "message", 422, "room_name_invalid"],
    ["\u0000connection:a", "message", 422, "room_name_invalid"],
    ["\ud800", "message", 422, "room_name_invalid"],
    ["a", "", 422, "event_name_invalid"],
    ["a", null, 422, "event_name_invalid"],
    ["a", "x".repeat(256), 422, "event_name_invalid"],
    ["a", "phx_close", 422, "event_name_reserved"],
    ["a", "presence_diff", 422, "event_name_reserved"],
    ["a", "disconnect", 422, "event_name_reserved"],
    ["a", "newListener", 422, "event_name_reserved"],
  ])("room %j with event %j answers %i, %s", async (room, event, status, code) => {
    const answer = await publish(await startServer(), { room, event, payload: 1 });
    expect(answer).toMatchObject({ status, body: { code } });
  });

  it.each(["__proto__", "constructor", "admin", "*", "a:b:c"])(
    "room %s is an ordinary one",
    async (room) => {
      const answer = await publish(await startServer(), { room, event: "__proto__", payload: 1 });
      expect(answer).toMatchObject({ status: 200, body: { room, event: "__proto__" } });
    },
  );

  it("of a socket's private room is refused, also where an alias stands for it", async () => {
    const server = await startServer({ rooms: [{ match: "*", aliases: ["my:*"] }] });
    const native = await connectSocketIo(server.url);
    const heard: unknown[] = [];
    native.onAny((...args: unknown[]) => heard.push(args));
    for (const room of [native.id, `my:${native.id}`]) {
      const answer = await publish(server, { room, payload: 1 });
      expect(answer).toMatchObject({ status: 403, body: { code: "room_forbidden" } });
    }
    await ask(native, "leave", "barrier");
    expect(heard).toEqual([]);
  });
});

describe("many messages", () => {
  it("1,000 in one batch of almost 1 MiB reach a member in order, and close nobody", async () => {
    const server = await startServer(quiet);
    const member = await joinRaw(server, "a");
    const plain = await joinPlain(server, "a");
    const filling = "x".repeat(1000);
    const batch = Array.from({ length: 1000 }, (_, n) => ({
      room: "a",
      payload: `${n} ${filling}`,
    }));
    expect(await publish(server, batch)).toMatchObject({ status: 200 });
    await until("all to arrive", () => member.texts.length === 1000);
    const numbers = member.texts.map((text) => Number.parseInt(JSON.parse(text)[4], 10));
    expect(numbers).toEqual(batch.map((_, n) => n));
    expect(await heardBy(plain)).toHaveLength(1000);
    expect(server.commonroom.status().counters.slowReadersClosed).toBe(0);
  });
});

describe("what is never told", () => {
  it("neither keys nor tokens nor payloads reach the log", async () => {
    const apiKey = "key-0123456789abcdef";
    const auth = { jwtSecret: secret, apiKeys: [apiKey] };
    const server = await startServer({ auth, logLevel: "trace" });
    const token = signToken({ id: "ci", publish: "a" }, secret, 60, Date.now());
    const credentials = [apiKey, token, `${token}x`, `${apiKey}x`];
    for (const credential of credentials) {
      await publish(server, { room: "a", payload: "private words" }, bearer(credential));
      await publish(server, '{"private words', bearer(credential));
    }
    const log = server.logLines.join("");
    for (const private_ of [apiKey, token, "private words"]) expect(log).not.toContain(private_);
  });
});

describe("at an application's server", () => {
  it("/publish is the node's, and /publish/me the application's", async () => {
    const own = createServer((_request, response) => response.end('"the application\'s"'));
    const port = await freePort();
    await new Promise<void>((resolve) => own.listen(port, "127.0.0.1", resolve));
    onTestFinished(() => {
      own.closeAllConnections();
      own.close();
    });
    const commonroom = createCommonroom({ logLevel: "silent", ...quiet });
    onTestFinished(() => commonroom.close());
    await commonroom.attach(own);
    const member = await joinRaw({ wsUrl: `ws://127.0.0.1:${port}` }, "a");
    const url = `http://127.0.0.1:${port}`;
    const answer = await publish({ url }, { room: "a", payload: [1.5] });
    expect(answer.body).toEqual({ room: "a", event: "message", members: 1 });
    await until("the message", () => member.texts.length === 1);
    const other = await fetch(`${url}/publish/me`, { method: "POST" });
    expect(await other.json()).toBe("the application's");
  });
});
