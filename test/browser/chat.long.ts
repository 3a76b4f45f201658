import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CompiledExample, compileExample } from "../support/example.ts";
import { openChat } from "./chat.ts";
import { meet } from "./chat-scene.ts";

let example: CompiledExample;
beforeAll(async () => {
  example = await compileExample("chat");
});
afterAll(() => example.remove());

describe("the chat", () => {
  it("shows a newcomer who is typing already, and drops the notice of one who is gone", async () => {
    const { browser, url, ann, ben } = await meet(example);
    await ann.box.pressSequentially("hel");
    const cleo = await openChat(browser, url, "Cleo");
    await cleo.typing.filter({ hasText: "Ann is typing…" }).waitFor();
    await ann.opened.page.context().close();
    await cleo.typing.filter({ hasText: /^$/ }).waitFor({ state: "attached" });
    await ben.sees("Ben", "Cleo");
  });

  it("keeps the rooms apart, each with its address", async () => {
    const { ann, ben } = await meet(example);
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

  it("shows markup as text, and keeps the last 200 lines", async () => {
    const { ann, ben } = await meet(example);
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
    const { browser, url, ann } = await meet(example);
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
