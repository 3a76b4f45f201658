import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CompiledExample, compileExample } from "../support/example.ts";
import { openChat } from "./chat.ts";
import { meet, setUp } from "./chat-scene.ts";

let example: CompiledExample;
beforeAll(async () => {
  example = await compileExample("chat");
});
afterAll(() => example.remove());

describe("the chat", { timeout: 40_000 }, () => {
  it("carries messages both ways between phoenix.js and Socket.IO, and marks one's own", async () => {
    const { ann, ben } = await meet(example);
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
    const { ann, ben } = await meet(example);
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

  it("keeps a person who changes the library in the room, once", async () => {
    const { ann, ben } = await meet(example);
    const mostPeople = await ann.watchPeople();
    await ben.say("before the change");
    // What is on its way to a connection that ends does not come.
    await ben.message("before the change");
    await ben.switchTo("phoenix.js");
    await Promise.all([ann.sees("Ann", "Ben"), ben.sees("Ben", "Ann")]);
    await ben.message("before the change");
    await ben.say("after the change");
    await Promise.all([ann.message("after the change"), ben.message("after the change")]);
    expect(await ann.messages.count()).toBe(2);

    await ben.switchTo("Socket.IO");
    await Promise.all([ann.sees("Ann", "Ben"), ben.sees("Ben", "Ann")]);
    await ann.say("and back");
    await ben.message("and back");
    expect(await ben.messages.count()).toBe(3);
    await Promise.all([ann.sees("Ann", "Ben"), ben.sees("Ben", "Ann")]);
    expect(await mostPeople()).toBe(2);
  });

  it("has private rooms, which say why they refuse, and let in who is invited", async () => {
    const { code, ann, ben } = await meet(example);
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
});

describe("the chat's program", { timeout: 40_000 }, () => {
  it("gives a token for exactly one private room, and only for the right code", async () => {
    const { url, code } = await setUp(example);
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
    const { url } = await setUp(example);
    const { headers } = await fetch(url);
    const policy = headers.get("content-security-policy");
    expect(policy).toMatch(/^default-src 'self'; connect-src 'self' http:\S+ ws:\S+; object-src/);
    expect(policy).not.toContain("unsafe");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("ends without a complaint when it is told to", async () => {
    const { running, url, browser } = await setUp(example);
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
