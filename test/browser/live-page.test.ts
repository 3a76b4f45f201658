import { describe, expect, it } from "vitest";
import { closePage, startBrowser } from "../support/browser.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { openLivePage } from "./live-page.ts";

describe("the live page", () => {
  it("shows a phoenix.js push in the Socket.IO panel, and the other way round", async () => {
    const [{ url }, browser] = await Promise.all([startServer(), startBrowser()]);
    const { page, errors, phoenix, socketIo } = await openLivePage(browser, `${url}/`);
    await Promise.all([phoenix.joined(), socketIo.joined()]);
    await Promise.all([phoenix.hasPresent(2), socketIo.hasPresent(2)]);

    await phoenix.send("from the phoenix side");
    expect(await phoenix.message("from the phoenix side")).toContain("sent by me");
    expect(await socketIo.message("from the phoenix side")).not.toContain("sent by me");

    await socketIo.send('{"x": 3, "tool": "pen"}', "cursor");
    expect(await socketIo.message("cursor")).toContain("sent by me");
    expect(await phoenix.message("cursor")).toContain('{"x":3,"tool":"pen"}');
    expect(await phoenix.messages.count()).toBe(2);

    await phoenix.send('{"x":');
    await phoenix.refusal.filter({ hasText: "not JSON" }).waitFor();
    await phoenix.send("{}", "join");
    await phoenix.refusal.filter({ hasText: "(event_name_reserved)" }).waitFor();

    expect(await page.title()).toBe("lobby · Commonroom");
    expect(errors).toEqual([]);
  });

  it("shows a second page in presence until it is closed", async () => {
    const [{ url }, browser] = await Promise.all([startServer(), startBrowser()]);
    const first = await openLivePage(browser, `${url}/#meeting`);
    await Promise.all([first.phoenix.hasPresent(2), first.socketIo.hasPresent(2)]);

    const second = await openLivePage(browser, `${url}/#meeting`);
    const panels = [first.phoenix, first.socketIo, second.phoenix, second.socketIo];
    await Promise.all(panels.map((panel) => panel.hasPresent(4)));
    await second.socketIo.send("hello from the second page");
    await Promise.all(panels.map((panel) => panel.message("hello from the second page")));

    await closePage(second);
    await Promise.all([first.phoenix.hasPresent(2), first.socketIo.hasPresent(2)]);
  });

  it("changes rooms, and names the new one in its address and in the Redis command", async () => {
    const [{ url }, browser] = await Promise.all([startServer(), startBrowser()]);
    const { page, phoenix, socketIo } = await openLivePage(browser, url);
    await Promise.all([phoenix.joined(), socketIo.joined()]);
    await phoenix.send("said in the lobby");
    await socketIo.message("said in the lobby");

    await page.getByLabel("Room").fill("weather:$(wind)");
    await page.getByRole("button", { name: "Join" }).click();
    await Promise.all([phoenix.hasPresent(2), socketIo.hasPresent(2)]);
    await socketIo.send("said in the new room");
    await phoenix.message("said in the new room");

    expect(await socketIo.messages.count()).toBe(1);
    expect(decodeURIComponent(new URL(page.url()).hash)).toBe("#weather:$(wind)");
    const command = await page.locator("#command").textContent();
    expect(command).toBe(`redis-cli publish 'to:weather:$(wind):message' '{"text":"hello"}'`);
  });

  it("shows what a backend publishes on Redis, text as well as bytes", async () => {
    const [redis, browser] = await Promise.all([startRedis(), startBrowser()]);
    const [{ url }, backend] = await Promise.all([
      startServer({ redisUrl: redis.url }),
      connectBackend(redis.url),
    ]);
    const { page, phoenix, socketIo } = await openLivePage(browser, `${url}/#lobby`);
    await Promise.all([phoenix.joined(), socketIo.joined()]);

    await backend.publish("to:lobby:message", '{"text":"from a backend"}');
    await backend.publish("to:lobby:raw", "no JSON");
    for (const panel of [phoenix, socketIo]) {
      await panel.message("from a backend");
      expect(await panel.message("raw")).toContain("“no JSON”");
    }
    await page.getByText("Redis is connected").waitFor();
  });

  it("tells that the server is gone, and comes back with it", async () => {
    const [{ commonroom, url, port }, browser] = await Promise.all([startServer(), startBrowser()]);
    const { phoenix, socketIo } = await openLivePage(browser, url);
    await Promise.all([phoenix.joined(), socketIo.joined()]);
    await commonroom.close();
    for (const panel of [phoenix, socketIo]) {
      await panel.state.filter({ hasText: "offline" }).waitFor();
      await panel.present.filter({ hasText: "–" }).waitFor();
    }
    await startServer({ port });
    await Promise.all([phoenix.hasPresent(2), socketIo.hasPresent(2)]);
    await Promise.all([phoenix.joined(), socketIo.joined()]);
  });
});
