import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBrowser } from "../support/browser.ts";
import { BusListener } from "../support/bus-listener.ts";
import { type CompiledExample, compileExample, startExample } from "../support/example.ts";
import { connectPhoenix, joinPhoenix, pushPhoenix } from "../support/phoenix-client.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { ask, connectSocketIo } from "../support/socket-io-client.ts";
import { until } from "../support/until.ts";
import { openRoomChat, type RoomChatPage } from "./room-chat.ts";

/** Two browsers, and Python in one of them, take their time to start. */
const TIMEOUT_MS = 60_000;

let example: CompiledExample;
beforeAll(async () => {
  example = await compileExample("room-chat");
});
afterAll(() => example.remove());

/** The page in JavaScript and the page in Python, each in a browser of its own. */
async function meet() {
  const running = startExample(example);
  const [url, pythonUrl, serverUrl] = await Promise.all([
    running.printed("Room chat"),
    running.printed("In Python"),
    running.printed("Server"),
  ]);
  const [browser, otherBrowser] = await Promise.all([startBrowser(), startBrowser()]);
  const [javascript, python] = await Promise.all([
    openRoomChat(browser, url),
    openRoomChat(otherBrowser, pythonUrl),
  ]);
  const pages = [javascript, python];
  return { running, browser, url, pythonUrl, serverUrl, javascript, python, pages };
}

const all = (pages: readonly RoomChatPage[], act: (page: RoomChatPage) => Promise<void>) =>
  Promise.all(pages.map(act));

describe("the room chat", { timeout: TIMEOUT_MS }, () => {
  it("carries what is said between the page in JavaScript and the one in Python", async () => {
    const { javascript, python, pages } = await meet();
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

  it("keeps the rooms apart: neither page hears the room that it is not in", async () => {
    const { javascript, python, pages } = await meet();
    await javascript.switchTo("Tech");
    await javascript.say("only in tech");
    await python.say("only in general");
    await python.switchTo("Tech");
    await python.say("now both in tech");
    await javascript.hears("now both in tech");
    expect(await javascript.texts()).toEqual(["only in tech", "now both in tech"]);
    expect(await python.texts()).toEqual(["now both in tech"]);

    await all(pages, (page) => page.switchTo("General"));
    await javascript.say("back in general");
    await python.hears("back in general");
    for (const page of pages) expect(await page.texts()).toEqual(["back in general"]);
  });

  it("is in one room only after hasty clicks: that of the last one", async () => {
    const { javascript, python, pages } = await meet();
    for (const page of pages) {
      await page.opened.page.evaluate(`
        const [general, tech] = document.querySelectorAll("#rooms button");
        for (const button of [tech, general, tech, general, tech]) button.click();
      `);
      await page.isIn("Tech");
    }
    await javascript.say("one");
    await python.hears("one");
    await python.say("two");
    await javascript.hears("two");
    await all(pages, (page) => page.switchTo("General"));
    await javascript.say("three");
    await python.hears("three");
    for (const page of pages) expect(await page.texts()).toEqual(["three"]);
  });

  it("shares its rooms with members on phoenix.js and Socket.IO", async () => {
    const { serverUrl, javascript, python, pages } = await meet();
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
    const { running, serverUrl, javascript, python, pages } = await meet();
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

  it("says why a room does not let it in", async () => {
    const { running, serverUrl, pages } = await meet();
    await running.stop();
    await all(pages, (page) => page.is("connecting"));
    const port = Number(new URL(serverUrl).port);
    await startServer({ port, auth: { jwtSecret: "the secret of this test, long enough" } });
    await all(pages, (page) => page.is("open"));
    await all(pages, (page) => page.problem.filter({ hasText: "token missing" }).waitFor());
    await all(pages, (page) => page.click("Tech"));
    await all(pages, (page) =>
      page.problem.filter({ hasText: "Not in tech: token missing" }).waitFor(),
    );
  });

  it("fits a phone of 360 pixels without horizontal scrolling", async () => {
    const { browser, url, pythonUrl } = await meet();
    for (const address of [url, pythonUrl]) {
      const page = await openRoomChat(browser, address, { viewport: { width: 360, height: 740 } });
      await page.say("an_unbroken_word_".repeat(20));
      expect(await page.opened.page.evaluate("document.documentElement.scrollWidth")).toBe(360);
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
    const { running } = await meet();
    const { code, output } = await running.stop();
    expect(code).toBe(0);
    expect(output).not.toMatch(/^\s+at /m);
  });
});
