import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBrowser } from "../support/browser.ts";
import { type CompiledExample, compileExample, startExample } from "../support/example.ts";
import { openChat } from "./chat.ts";

let example: CompiledExample;
beforeAll(async () => {
  example = await compileExample("chat");
});
afterAll(() => example.remove());

async function setUp() {
  const running = startExample(example);
  const [url, code, browser] = await Promise.all([
    running.printed("Chat"),
    running.printed("Invitation"),
    startBrowser(),
  ]);
  return { running, url, code, browser };
}

/** Ann on phoenix.js and Ben on Socket.IO, each in a browser of their own, in one public room. */
async function meet() {
  const [started, bensBrowser] = await Promise.all([setUp(), startBrowser()]);
  const { browser, url } = started;
  const [ann, ben] = await Promise.all([
    openChat(browser, url, "Ann"),
    openChat(bensBrowser, url, "Ben"),
  ]);
  await Promise.all([ann.cameInThrough("phoenix.js"), ben.switchTo("Socket.IO")]);
  await Promise.all([ann.sees("Ann", "Ben"), ben.sees("Ben", "Ann")]);
  return { ...started, ann, ben };
}

describe("the chat", () => {
  it("carries messages both ways between phoenix.js and Socket.IO, and marks one's own", async () => {
    const { ann, ben } = await meet();
    await ann.say("hello from phoenix.js");
    expect(await ben.message("hello from phoenix.js")).toMatch(/^Ann /);
    await ben.say("hello from Socket.IO");
    expect(await ann.message("hello from Socket.IO")).toMatch(/^Ben /);

    for (const [page, mine] of [
      [ann, "hello from phoenix.js"],
      [ben, "hello from Socket.IO"],
    ] as const) {
      expect(await page.messages.count()).toBe(2);
      const own = page.opened.page.locator("article.mine .body");
      expect(await own.allTextContents()).toEqual([mine]);
    }
    expect([...ann.opened.errors, ...ben.opened.errors]).toEqual([]);
  });

  it("tells who is typing, and that they have stopped or sent it", async () => {
    const { ann, ben } = await meet();
    await ann.box.pressSequentially("hel");
    await ben.typing.filter({ hasText: "Ann is typing…" }).waitFor();
    expect(await ann.typing.textContent()).toBe("");
    await ann.box.press("Enter");
    await ben.message("hel");
    await ben.typing.filter({ hasText: /^$/ }).waitFor({ state: "attached" });

    await ben.box.pressSequentially("never mind");
    await ann.typing.filter({ hasText: "Ben is typing…" }).waitFor();
    await ben.box.fill("");
    await ann.typing.filter({ hasText: /^$/ }).waitFor({ state: "attached" });
  });

  it("shows a newcomer who is typing already, and drops the notice of one who is gone", async () => {
    const { browser, url, ann, ben } = await meet();
    await ann.box.pressSequentially("hel");
    const cleo = await openChat(browser, url, "Cleo");
    await cleo.typing.filter({ hasText: "Ann is typing…" }).waitFor();
    await ann.opened.page.context().close();
    await cleo.typing.filter({ hasText: /^$/ }).waitFor({ state: "attached" });
    await ben.sees("Ben", "Cleo");
  });

  it("keeps a person who changes the library in the room, once", async () => {
    const { ann, ben } = await meet();
    const mostPeople = await ann.watchPeople();
    await ben.say("before the change");
    await ben.switchTo("phoenix.js");
    await Promise.all([ann.sees("Ann", "Ben"), ben.sees("Ben", "Ann")]);
    await ben.message("before the change");
    await ben.say("after the change");
    await ann.message("after the change");
    expect(await ann.messages.count()).toBe(2);

    await ben.switchTo("Socket.IO");
    await Promise.all([ann.sees("Ann", "Ben"), ben.sees("Ben", "Ann")]);
    await ann.say("and back");
    await ben.message("and back");
    expect(await ben.messages.count()).toBe(3);
    await Promise.all([ann.sees("Ann", "Ben"), ben.sees("Ben", "Ann")]);
    expect(await mostPeople()).toBe(2);
  });

  it("keeps the rooms apart, each with its address", async () => {
    const { ann, ben } = await meet();
    await ben.goTo("room:music");
    await ben.is("in the room");
    await ben.sees("Ben");
    await ann.sees("Ann");
    await ben.say("only for those in room:music");
    await ben.message("only for those");
    expect(new URL(ben.opened.page.url()).hash).toBe("#room:music");

    await ann.opened.page.getByLabel("Another room").fill("music");
    await ann.opened.page.getByRole("button", { name: "Go" }).click();
    await Promise.all([ann.sees("Ann", "Ben"), ben.sees("Ben", "Ann")]);
    expect(await ann.messages.count()).toBe(0);
    await ben.say("welcome");
    await ann.message("welcome");
  });

  it("has private rooms, which say why they refuse, and let in who is invited", async () => {
    const { code, ann, ben } = await meet();
    await Promise.all([ann.goTo("private:team"), ben.goTo("private:team")]);
    for (const page of [ann, ben]) {
      await page.is("refused");
      await page.problem.filter({ hasText: "Not let in: token missing." }).waitFor();
    }
    await ben.useInvitation("not-the-code");
    await ben.problem.filter({ hasText: "this invitation code is not right" }).waitFor();
    await Promise.all([ann.useInvitation(code), ben.useInvitation(code)]);
    await Promise.all([ann.sees("Ann", "Ben"), ben.sees("Ben", "Ann")]);

    await ben.goTo("room:lobby");
    await ben.is("in the room");
    await ann.say("only for those who are invited");
    await ann.message("only for those who are invited");
    await ann.goTo("room:lobby");
    await ann.sees("Ann", "Ben");
    await ann.say("for everyone");
    await ben.message("for everyone");
    expect(await ben.messages.count()).toBe(1);

    // The token is still there: no second invitation, and the same person in either library.
    await ann.goTo("private:team");
    await ann.is("in the room");
    await ann.switchTo("Socket.IO");
    await ann.sees("Ann");
  });

  it("shows markup as text, and keeps the last 200 lines", async () => {
    const { ann, ben } = await meet();
    const markup = '<img src="x" onerror="document.title=1"><b>bold</b>';
    await ann.say(markup);
    expect(await ben.message("<img")).toContain(markup);
    expect(await ben.opened.page.locator("#log img, #log b").count()).toBe(0);
    for (let number = 1; number <= 205; number += 1) {
      await ann.box.fill(`number ${number}.`);
      await ann.box.press("Enter");
    }
    for (const page of [ann, ben]) {
      await page.message("number 205.");
      expect(await page.messages.count()).toBe(200);
      expect(await page.messages.first().textContent()).toContain("number 6.");
      expect(page.opened.errors).toEqual([]);
    }
  });

  it("fits a phone of 360 pixels without horizontal scrolling", async () => {
    const { browser, url, ann } = await meet();
    const name = "a_name_without_a_break_".repeat(2).slice(0, 40);
    const viewport = { width: 360, height: 740 };
    const phone = await openChat(browser, url, name, { viewport });
    await phone.is("in the room");
    await phone.say("an_unbroken_word_".repeat(20));
    await ann.message("an_unbroken_word_");
    await phone.goTo("private:team");
    await phone.is("refused");
    await phone.goTo("room:lobby");
    await phone.is("in the room");
    expect(await phone.opened.page.evaluate("document.documentElement.scrollWidth")).toBe(360);
  });
});

describe("the chat's program", () => {
  it("gives a token for exactly one private room, and only for the right code", async () => {
    const { url, code } = await setUp();
    const invite = async (body: unknown) => {
      const response = await fetch(`${url}invite`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
      return { status: response.status, answer: (await response.json()) as unknown };
    };
    const { status, answer } = await invite({ room: "private:team", code });
    expect(status).toBe(200);
    expect(claimsOf(answer)).toMatchObject({ channel: "private:team" });

    const reason = expect.any(String) as unknown;
    expect(await invite({ room: "private:team", code: "wrong" })).toEqual({
      status: 403,
      answer: { reason: "this invitation code is not right" },
    });
    for (const body of [
      { room: "private:*", code },
      { room: "room:lobby", code },
      { room: ["private:team"], code },
      { room: "private:team" },
      "no JSON",
      JSON.stringify({ room: "private:team", code: "x".repeat(10_000) }),
    ]) {
      expect(await invite(body)).toEqual({ status: 400, answer: { reason } });
    }
  });

  it("serves its page with a strict security policy", async () => {
    const { url } = await setUp();
    const { headers } = await fetch(url);
    const policy = headers.get("content-security-policy");
    expect(policy).toMatch(/^default-src 'self'; connect-src 'self' http:\S+ ws:\S+; object-src/);
    expect(policy).not.toContain("unsafe");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("ends without a complaint when it is told to", async () => {
    const { running, url, browser } = await setUp();
    const ann = await openChat(browser, url, "Ann");
    await ann.is("in the room");
    const { code, output } = await running.stop();
    expect(code).toBe(0);
    expect(output).not.toMatch(/^\s+at /m);
    await ann.is("offline, trying again");
  });
});

function claimsOf(answer: unknown): unknown {
  if (typeof answer !== "object" || answer === null || !("token" in answer)) {
    throw new Error("no token");
  }
  const [, claims = ""] = String(answer.token).split(".");
  return JSON.parse(Buffer.from(claims, "base64url").toString()) as unknown;
}
