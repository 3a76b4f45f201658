import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBrowser } from "../support/browser.ts";
import { type CompiledExample, compileExample, startExample } from "../support/example.ts";
import { startRedis } from "../support/redis-server.ts";
import { LISTENER, openOneRoom, type PanelName, panelNames } from "./one-room.ts";

/** Python in the page takes its time to start. */
const TIMEOUT_MS = 90_000;

/** Who says what, in the order of the picture. */
const lines: readonly (readonly [PanelName, string])[] = [
  ["phoenix.js", "Hello, I came in with phoenix.js."],
  ["Socket.IO", "And I with Socket.IO."],
  ["room client", "4 kB of room client here."],
  ["Python in the page", "Python, in the same page."],
  ["No library", "No library, only JSON."],
  ["ColonyOS executor", "I hold the process of this room."],
  ["Python on Redis", "A backend, by PUBLISH."],
];

let example: CompiledExample;
beforeAll(async () => {
  example = await compileExample("one-room");
});
afterAll(() => example.remove());

describe("the example of one room", { timeout: TIMEOUT_MS }, () => {
  it("shows what each kind of member says to every other kind, in one order", async () => {
    const redis = await startRedis();
    const running = startExample(example, [], { REDIS_URL: redis.url });
    const page = await openOneRoom(await startBrowser(), await running.printed("Page"));
    for (const [speaker, text] of lines) {
      await page.say(speaker, text);
      for (const name of panelNames) await page.hears(name, text);
    }
    const all = lines.map(([, text]) => text);
    for (const name of panelNames) expect([name, await page.shown(name)]).toEqual([name, all]);
    const silent = panelNames.filter((name) => !lines.some(([speaker]) => speaker === name));
    expect(silent).toEqual([LISTENER]);
    expect(page.opened.errors).toEqual([]);
    const picture = process.env["PICTURE"];
    if (picture !== undefined) await page.opened.page.screenshot({ path: picture, fullPage: true });
  });
});
