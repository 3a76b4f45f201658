import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { startBrowser } from "../support/browser.ts";
import { startServer } from "../support/server.ts";
import { allJoined, openLivePage, type Panel } from "./live-page.ts";

describe("the live page, as for its safety and its limits", { timeout: 40_000 }, () => {
  it("shows why a join is refused, and joins with a token that is nowhere kept", async () => {
    const auth = { jwtSecret: "the secret of this test, long enough" };
    const [{ url }, browser] = await Promise.all([startServer({ auth }), startBrowser()]);
    const { page, phoenix, panels } = await openLivePage(browser, `${url}/#lobby`);
    for (const panel of panels) {
      await panel.refusal.filter({ hasText: "token missing (token_missing)" }).waitFor();
      expect(await panel.sendButton.isDisabled()).toBe(true);
    }
    await joinWith(page, await askToken(url, "another-room", "ana"));
    for (const panel of panels) {
      await panel.refusal.filter({ hasText: "(room_forbidden)" }).waitFor();
      expect(await panel.sendButton.isDisabled()).toBe(true);
    }

    const token = await askToken(url, "lobby", "ana");
    await joinWith(page, token);
    await allJoined(panels);
    await phoenix.send("now with a token");
    for (const panel of panels) {
      await panel.message("now with a token");
      await panel.present.filter({ hasText: /^ana.* \+ .* \+ / }).waitFor();
      expect(await panel.present.count()).toBe(1);
    }

    expect(page.url()).not.toContain(token);
    const kept = await page.evaluate("JSON.stringify([localStorage, sessionStorage])");
    expect(kept).toBe("[{},{}]");
    expect(await page.context().cookies()).toEqual([]);
  });

  it("fits a phone of 360 pixels without horizontal scrolling", async () => {
    const [{ url }, browser] = await Promise.all([startServer(), startBrowser()]);
    const viewport = { width: 360, height: 740 };
    const { page, phoenix, panels } = await openLivePage(browser, url, { viewport });
    await allJoined(panels);
    await phoenix.send("an_unbroken_word_".repeat(20), "an_event_name_".repeat(10));
    await Promise.all(panels.map((panel) => panel.message("an_unbroken_word_")));

    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    expect(await rightEdges(panels)).toEqual([348, 348, 348]);
  });

  it.each([
    [1280, [424, 836, 1248]],
    [1000, [490, 970, 970]],
  ])("lays its panels out at %i pixels without horizontal scrolling", async (width, edges) => {
    const [{ url }, browser] = await Promise.all([startServer(), startBrowser()]);
    const viewport = { width, height: 800 };
    const { page, panels } = await openLivePage(browser, url, { viewport });
    await allJoined(panels);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    expect(await rightEdges(panels)).toEqual(edges);
  });

  it("shows markup in a message as text", async () => {
    const [{ url }, browser] = await Promise.all([startServer(), startBrowser()]);
    const { page, errors, phoenix, socketIo, roomClient, panels } = await openLivePage(
      browser,
      url,
    );
    await allJoined(panels);
    const markup = '<img src="x" onerror="document.title=1"><script>alert(1)</script>';
    await phoenix.send(markup);
    await socketIo.send("{}", "<b>bold</b>");

    for (const panel of [socketIo, roomClient]) {
      expect(await panel.message("<img")).toContain(markup);
    }
    for (const panel of [phoenix, roomClient]) {
      expect(await panel.message("bold")).toContain("<b>bold</b>");
    }
    expect(await page.locator(".log img, .log script, .log b").count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it("keeps the last 200 messages", async () => {
    const [{ url, commonroom }, browser] = await Promise.all([startServer(), startBrowser()]);
    const { panels } = await openLivePage(browser, url);
    await allJoined(panels);
    for (let number = 1; number <= 250; number += 1) {
      commonroom.io.to("lobby").emit("message", { text: `number ${number}.` });
    }
    for (const panel of panels) {
      await panel.message("number 250.");
      expect(await panel.messages.count()).toBe(200);
      expect(await panel.messages.first().textContent()).toContain("number 51.");
    }
  });

  it("is served with a strict security policy, and asked for again each time", async () => {
    const { url } = await startServer();
    const libraries = ["/lib/phoenix.mjs", "/lib/socket.io.js", "/lib/commonroom.js"];
    for (const path of ["/", "/page.js", ...libraries]) {
      const { status, headers } = await fetch(`${url}${path}`);
      expect(status).toBe(200);
      expect(headers.get("content-security-policy")).toMatch(
        /^default-src 'self'; connect-src 'self' ws: wss:;/,
      );
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cache-control")).toBe("no-cache");
    }
  });
});

/** Joins the same room again with a token. */
async function joinWith(page: Page, token: string): Promise<void> {
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Join" }).click();
}

/** Where the panels end on the right, in pixels. */
async function rightEdges(panels: readonly Panel[]): Promise<number[]> {
  const boxes = await Promise.all(panels.map((panel) => panel.region.boundingBox()));
  return boxes.map((box) => Math.round((box?.x ?? 0) + (box?.width ?? 0)));
}

async function askToken(url: string, channel: string, id: string): Promise<string> {
  const response = await fetch(`${url}/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ channel, id }),
  });
  const answer: unknown = await response.json();
  if (typeof answer !== "object" || answer === null || !("token" in answer)) {
    throw new Error(`no token, but ${response.status}`);
  }
  return String(answer.token);
}
