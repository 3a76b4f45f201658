import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CompiledExample, compileExample } from "../support/example.ts";
import { startServer } from "../support/server.ts";
import { openRoomChat } from "./room-chat.ts";
import { all, meet, TIMEOUT_MS } from "./room-chat-scene.ts";

let example: CompiledExample;
beforeAll(async () => {
  example = await compileExample("room-chat");
});
afterAll(() => example.remove());

describe("the room chat", { timeout: TIMEOUT_MS }, () => {
  it("keeps the rooms apart: neither page hears the room that it is not in", async () => {
    const { javascript, python, pages } = await meet(example);
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
    const { javascript, python, pages } = await meet(example);
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

  it("says why a room does not let it in", async () => {
    const { running, serverUrl, pages } = await meet(example);
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
    const { browser, url, pythonUrl } = await meet(example);
    for (const address of [url, pythonUrl]) {
      const page = await openRoomChat(browser, address, { viewport: { width: 360, height: 740 } });
      await page.say("an_unbroken_word_".repeat(20));
      expect(await page.opened.page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    }
  });
});
