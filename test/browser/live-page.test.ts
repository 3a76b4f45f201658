import type { Socket } from "socket.io";
import { describe, expect, it } from "vitest";
import type { Commonroom } from "../../server/index.ts";
import { closePage, startBrowser } from "../support/browser.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import { allHavePresent, allJoined, openLivePage } from "./live-page.ts";

/** Waits until Socket.IO's client has left polling: in the midst of that it hears of no close. */
function upgraded({ io }: Commonroom): Promise<unknown> {
  const sockets = (): Socket[] => [...io.of("/").sockets.values()];
  const haveUpgraded = () => sockets().every(({ conn }) => conn.transport.name === "websocket");
  return until("all to be on WebSockets", haveUpgraded, 10_000);
}

describe("the live page", { timeout: 40_000 }, () => {
  it("shows what each of its three clients sends in the panels of the two others", async () => {
    const [{ url }, browser] = await Promise.all([startServer(), startBrowser()]);
    const { page, errors, phoenix, socketIo, roomClient, panels } = await openLivePage(
      browser,
      `${url}/`,
    );
    await allJoined(panels);
    await allHavePresent(panels, 3);

    for (const sender of panels) {
      const name = await sender.region.getByRole("heading", { level: 2 }).textContent();
      await sender.send(`said with ${name}`);
      for (const panel of panels) {
        const shown = await panel.message(`said with ${name}`);
        expect(shown.includes("sent by me")).toBe(panel === sender);
      }
    }
    await roomClient.send('{"x": 3, "tool": "pen"}', "cursor");
    expect(await roomClient.message("cursor")).toContain("sent by me");
    for (const panel of [phoenix, socketIo]) {
      expect(await panel.message("cursor")).toContain('{"x":3,"tool":"pen"}');
    }
    for (const panel of panels) expect(await panel.messages.count()).toBe(4);

    expect(await page.title()).toBe("lobby · Commonroom");
    expect(errors).toEqual([]);
  });

  it("says in each panel what was wrong with a message, and sends none of it", async () => {
    const [{ url }, browser] = await Promise.all([startServer(), startBrowser()]);
    const { panels } = await openLivePage(browser, url);
    await allJoined(panels);
    for (const panel of panels) {
      await panel.send('{"x":');
      await panel.refusal.filter({ hasText: "not JSON" }).waitFor();
      await panel.send("{}", "join");
      await panel.refusal.filter({ hasText: "(event_name_reserved)" }).waitFor();
    }
    for (const panel of panels) expect(await panel.messages.count()).toBe(0);
  });

  it("shows a second page in presence until it is closed", async () => {
    const [{ url }, browser] = await Promise.all([startServer(), startBrowser()]);
    const first = await openLivePage(browser, `${url}/#meeting`);
    await allHavePresent(first.panels, 3);

    const second = await openLivePage(browser, `${url}/#meeting`);
    const panels = [...first.panels, ...second.panels];
    await allHavePresent(panels, 6);
    await second.roomClient.send("hello from the second page");
    await Promise.all(panels.map((panel) => panel.message("hello from the second page")));

    await closePage(second);
    await allHavePresent(first.panels, 3);
  });

  it("changes rooms, and names the new one in its address and in the command for programs", async () => {
    const [{ url }, browser] = await Promise.all([startServer(), startBrowser()]);
    const { page, phoenix, socketIo, panels } = await openLivePage(browser, url);
    await allJoined(panels);
    await phoenix.send("said in the lobby");
    await Promise.all(panels.map((panel) => panel.message("said in the lobby")));

    await page.getByRole("textbox", { name: "Room" }).fill("weather:$(wind)");
    await page.getByRole("button", { name: "Join" }).click();
    await allHavePresent(panels, 3);
    await socketIo.send("said in the new room");
    await Promise.all(panels.map((panel) => panel.message("said in the new room")));

    for (const panel of panels) expect(await panel.messages.count()).toBe(1);
    expect(decodeURIComponent(new URL(page.url()).hash)).toBe("#weather:$(wind)");
    const command = await page.locator("#command").textContent();
    const body = `'{"room":"weather:$(wind)","payload":{"text":"hello"}}'`;
    const type = "'content-type: application/json'";
    expect(command).toBe(`curl -d ${body} -H ${type} ${url}/publish`);
  });

  it("shows what a backend publishes on Redis, text as well as bytes", async () => {
    const [redis, browser] = await Promise.all([startRedis(), startBrowser()]);
    const [{ url }, backend] = await Promise.all([
      startServer({ redisUrl: redis.url }),
      connectBackend(redis.url),
    ]);
    const { page, panels } = await openLivePage(browser, `${url}/#lobby`);
    await allJoined(panels);

    await backend.publish("to:lobby:message", '{"text":"from a backend"}');
    await backend.publish("to:lobby:raw", "no JSON");
    for (const panel of panels) {
      await panel.message("from a backend");
      expect(await panel.message("raw")).toContain("“no JSON”");
    }
    await page.getByText("Redis is connected").waitFor();
    const command = await page.locator("#command").textContent();
    expect(command).toBe(`redis-cli publish "to:lobby:message" '{"text":"hello"}'`);
  });

  it("tells that the server is gone, and comes back with it", async () => {
    const [{ commonroom, url, port }, browser] = await Promise.all([startServer(), startBrowser()]);
    const { panels } = await openLivePage(browser, url);
    await allJoined(panels);
    await upgraded(commonroom);
    await commonroom.close();
    for (const panel of panels) {
      await panel.state.filter({ hasText: "offline" }).waitFor();
      await panel.present.filter({ hasText: "–" }).waitFor();
    }
    await startServer({ port });
    await allHavePresent(panels, 3);
    await allJoined(panels);
  });
});
