import { describe, expect, it } from "vitest";
import { startBrowser } from "../support/browser.ts";
import { startServer } from "../support/server.ts";
import { openLivePage } from "./live-page.ts";

describe("the live page, as for its safety and its limits", () => {
  it("shows why a join is refused, and joins with a token that is nowhere kept", async () => {
    const auth = { jwtSecret: "the secret of this test, long enough" };
    const [{ url }, browser] = await Promise.all([startServer({ auth }), startBrowser()]);
    const { page, phoenix, socketIo } = await openLivePage(browser, `${url}/#lobby`);
    for (const panel of [phoenix, socketIo]) {
      await panel.refusal.filter({ hasText: "token missing (token_missing)" }).waitFor();
      expect(await panel.region.getByRole("button", { name: "Send" }).isDisabled()).toBe(true);
    }

    const token = await askToken(url, "lobby", "ana");
    await page.getByLabel("Token").fill(token);
    await page.getByRole("button", { name: "Join" }).click();
    await Promise.all([phoenix.joined(), socketIo.joined()]);
    await phoenix.send("now with a token");
    await socketIo.message("now with a token");

    expect(await phoenix.present.allTextContents()).toEqual([expect.stringMatching(/^ana/)]);
    expect(page.url()).not.toContain(token);
    const kept = await page.evaluate("JSON.stringify([localStorage, sessionStorage])");
    expect(kept).toBe("[{},{}]");
    expect(await page.context().cookies()).toEqual([]);
  });

  it("fits a phone of 360 pixels without horizontal scrolling", async () => {
    const [{ url }, browser] = await Promise.all([startServer(), startBrowser()]);
    const viewport = { width: 360, height: 740 };
    const { page, phoenix, socketIo } = await openLivePage(browser, url, { viewport });
    await Promise.all([phoenix.joined(), socketIo.joined()]);
    await phoenix.send("an_unbroken_word_".repeat(20), "an_event_name_".repeat(10));
    await socketIo.message("an_unbroken_word_");

    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    const boxes = await Promise.all([phoenix, socketIo].map((panel) => panel.region.boundingBox()));
    expect(boxes.map((box) => Math.round((box?.x ?? 0) + (box?.width ?? 0)))).toEqual([348, 348]);
  });

  it("shows markup in a message as text", async () => {
    const [{ url }, browser] = await Promise.all([startServer(), startBrowser()]);
    const { page, errors, phoenix, socketIo } = await openLivePage(browser, url);
    await Promise.all([phoenix.joined(), socketIo.joined()]);
    const markup = '<img src="x" onerror="document.title=1"><script>alert(1)</script>';
    await phoenix.send(markup);
    await socketIo.send("{}", "<b>bold</b>");

    expect(await socketIo.message("<img")).toContain(markup);
    expect(await phoenix.message("bold")).toContain("<b>bold</b>");
    expect(await page.locator(".log img, .log script, .log b").count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it("keeps the last 200 messages", async () => {
    const [{ url, commonroom }, browser] = await Promise.all([startServer(), startBrowser()]);
    const { phoenix, socketIo } = await openLivePage(browser, url);
    await Promise.all([phoenix.joined(), socketIo.joined()]);
    for (let number = 1; number <= 250; number += 1) {
      commonroom.io.to("lobby").emit("message", { text: `number ${number}.` });
    }
    for (const panel of [phoenix, socketIo]) {
      await panel.message("number 250.");
      expect(await panel.messages.count()).toBe(200);
      expect(await panel.messages.first().textContent()).toContain("number 51.");
    }
  });

  it("is served with a strict security policy, and asked for again each time", async () => {
    const { url } = await startServer();
    for (const path of ["/", "/page.js", "/lib/phoenix.mjs", "/lib/socket.io.js"]) {
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
