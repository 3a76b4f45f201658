import type { WebSocket } from "playwright-core";
import type { Socket } from "socket.io";
import { describe, expect, it } from "vitest";
import type { Commonroom } from "../../server/index.ts";
import { startBrowser } from "../support/browser.ts";
import { BusListener } from "../support/bus-listener.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import { allHavePresent, allJoined, openLivePage } from "./live-page.ts";

/** Waits until Socket.IO's client has left polling: in the midst of that it hears of no close. */
function upgraded({ io }: Commonroom): Promise<unknown> {
  const sockets = (): Socket[] => [...io.of("/").sockets.values()];
  return until("all to be on WebSockets", () =>
    sockets().every(({ conn }) => conn.transport.name === "websocket"),
  );
}

describe("the live page", () => {
  it("sends once, in order, what the room client was given while the server was away", async () => {
    const [redis, browser] = await Promise.all([startRedis(), startBrowser()]);
    const options = { redisUrl: redis.url };
    const [{ commonroom, url, port }, backend] = await Promise.all([
      startServer(options),
      connectBackend(redis.url),
    ]);
    const { page, phoenix, socketIo, roomClient, panels } = await openLivePage(browser, url);
    await allJoined(panels);
    const bus = await new BusListener().listen(backend, "from:lobby:message");
    await upgraded(commonroom);
    await commonroom.close();
    for (const panel of panels) await panel.state.filter({ hasText: "offline" }).waitFor();
    for (const panel of [phoenix, socketIo]) expect(await panel.sendButton.isDisabled()).toBe(true);
    const texts = ["first while away", "second while away"];
    for (const text of texts) {
      await roomClient.send(text);
      expect(await roomClient.message(text)).toContain("waiting to be sent");
    }

    const isRoomClients = (socket: WebSocket): boolean => socket.url().endsWith("/ws");
    const attempt = await page.waitForEvent("websocket", isRoomClients);
    await until("the attempt to fail", () => attempt.isClosed());

    await startServer({ ...options, port });
    for (const text of texts) {
      await roomClient.messages.filter({ hasText: text }).getByText("sent by me").waitFor();
    }
    await allJoined(panels);
    await allHavePresent(panels, 3);
    await roomClient.send("back again");
    for (const panel of panels) await panel.message("back again");
    const heard = bus.heard.map(({ payload }) => payload);
    expect(heard).toEqual([...texts, "back again"].map((text) => JSON.stringify({ text })));
    expect(await roomClient.messages.count()).toBe(3);
  });

  it("says what was not sent, when the server has come back with a secret", async () => {
    const [{ commonroom, url, port }, browser] = await Promise.all([startServer(), startBrowser()]);
    const { roomClient, panels } = await openLivePage(browser, url);
    await allJoined(panels);
    await commonroom.close();
    await roomClient.state.filter({ hasText: "offline" }).waitFor();
    await roomClient.send("while away");
    await startServer({ port, auth: { jwtSecret: "the secret of this test, long enough" } });
    for (const panel of panels) {
      await panel.state.filter({ hasText: "refused" }).waitFor();
      await panel.refusal.filter({ hasText: "Not joined: token missing" }).waitFor();
    }
    await roomClient.messages.getByText("not sent").waitFor();
    expect(await roomClient.messages.count()).toBe(1);
  });

  it("ends up in the last room when rooms are changed faster than the server answers", async () => {
    const [{ url }, browser] = await Promise.all([startServer(), startBrowser()]);
    const { page, roomClient, panels } = await openLivePage(browser, `${url}/#first`);
    await allJoined(panels);
    await page.evaluate(`for (const room of ["second", "first", "third", "first"]) {
      location.hash = room;
      dispatchEvent(new HashChangeEvent("hashchange"));
    }`);
    await allHavePresent(panels, 3);
    await roomClient.send("still in the first room");
    await Promise.all(panels.map((panel) => panel.message("still in the first room")));
    for (const panel of panels) expect(await panel.refusal.isVisible()).toBe(false);
  });
});
