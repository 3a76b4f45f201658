import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BusListener } from "../support/bus-listener.ts";
import { type CompiledExample, compileExample, startExample } from "../support/example.ts";
import { connectPhoenix, joinPhoenix, pushPhoenix } from "../support/phoenix-client.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";
import { all, meet, TIMEOUT_MS } from "./room-chat-scene.ts";

let example: CompiledExample;
beforeAll(async () => {
  example = await compileExample("room-chat");
});
afterAll(() => example.remove());

describe("the room chat", { timeout: TIMEOUT_MS }, () => {
  it("carries what is said between the page in JavaScript and the one in Python", async () => {
    const { javascript, python, pages } = await meet(example);
    await javascript.say("hello from JavaScript");
    await python.hears("hello from JavaScript");
    await python.say("hello from Python, <b>größer</b>");
    await javascript.hears("hello from Python, <b>größer</b>");
    for (const page of pages) {
      const said = ["hello from JavaScript", "hello from Python, <b>größer</b>"];
      expect(await page.texts()).toEqual(said);
      expect(page.opened.errors).toEqual([]);
    }
  });

  it("shares its rooms with members on phoenix.js and Socket.IO", async () => {
    const { serverUrl, javascript, python, pages } = await meet(example);
    const channel = connectPhoenix(`${serverUrl.replace("http", "ws")}/socket`).channel("general");
    const socket = await connectSocketIo(serverUrl);
    const heard: unknown[] = [];
    channel.on("message", (payload: unknown) => void heard.push(payload));
    socket.on("message", (payload: unknown) => void heard.push(payload));
    await Promise.all([joinPhoenix(channel), ask(socket, "join", "general", {})]);

    await pushPhoenix(channel, "message", { text: "from phoenix.js" });
    await ask(socket, "push", "general", "message", { text: "from Socket.IO" });
    await all(pages, (page) => page.hears("from phoenix.js"));
    await all(pages, (page) => page.hears("from Socket.IO"));
    heard.length = 0;
    for (const [page, text] of [
      [javascript, "from JavaScript"],
      [python, "from Python"],
    ] as const) {
      await page.say(text);
      await until(`"${text}" in both libraries`, () => heard.length === 2);
      expect(heard.splice(0)).toEqual([{ text }, { text }]);
    }
  });

  it("comes back after a restart, in its room, and sends once what it was given meanwhile", async () => {
    const { running, serverUrl, javascript, python, pages } = await meet(example);
    const redis = await startRedis();
    const backend = await connectBackend(redis.url);
    const bus = await new BusListener().listen(backend, "from:tech:message");
    await all(pages, (page) => page.switchTo("Tech"));
    await running.stop();
    await all(pages, (page) => page.is("connecting"));
    for (const text of ["JavaScript 1", "JavaScript 2"]) await javascript.say(text);
    for (const text of ["Python 1", "Python 2"]) await python.say(text);

    await startServer({ port: Number(new URL(serverUrl).port), redisUrl: redis.url });
    await all(pages, (page) => page.is("open"));
    await javascript.say("JavaScript 3");
    await python.say("Python 3");
    await until("all of it on the bus", () => bus.heard.length >= 6);
    await javascript.say("JavaScript 4");
    await python.hears("JavaScript 4");
    await until("that on the bus too", () => bus.heard.length >= 7);
    for (const name of ["JavaScript", "Python"]) {
      const heard = bus.heard.filter(({ payload }) => payload.includes(name));
      const upTo = name === "Python" ? [1, 2, 3] : [1, 2, 3, 4];
      expect(heard.map(({ payload }) => payload)).toEqual(
        upTo.map((number) => JSON.stringify({ text: `${name} ${number}` })),
      );
    }
  });
});

describe("the room chat's program", { timeout: TIMEOUT_MS }, () => {
  it("lets only the page in Python compile WebAssembly, and neither run inline scripts", async () => {
    const running = startExample(example);
    const [url, pythonUrl] = await Promise.all([
      running.printed("Room chat"),
      running.printed("In Python"),
    ]);
    const [policy, pythonPolicy] = await Promise.all(
      [url, pythonUrl].map(async (address) => {
        const { status, headers } = await fetch(address);
        expect(status).toBe(200);
        return headers.get("content-security-policy") ?? "";
      }),
    );
    expect(policy).toMatch(/^default-src 'self'; connect-src 'self' http:\S+ ws:\S+; object-src/);
    expect(policy).not.toContain("script-src");
    expect(pythonPolicy).toBe(`${policy}; script-src 'self' 'wasm-unsafe-eval'`);
  });

  it("ends without a complaint when it is told to", async () => {
    const { running } = await meet(example);
    const { code, output } = await running.stop();
    expect(code).toBe(0);
    expect(output).not.toMatch(/^\s+at /m);
  });
});
