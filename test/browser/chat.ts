import type { Browser, BrowserContextOptions, Locator } from "playwright-core";
import { type OpenPage, openPage } from "../support/browser.ts";

/** The chat's page, as its user sees it. */
export class ChatPage {
  readonly opened: OpenPage;
  readonly messages: Locator;
  readonly people: Locator;
  readonly typing: Locator;
  readonly problem: Locator;
  readonly box: Locator;
  readonly #state: Locator;

  constructor(opened: OpenPage) {
    const { page } = opened;
    this.opened = opened;
    this.messages = page.getByRole("log").getByRole("article");
    this.people = page.getByRole("region", { name: "Here now" }).getByRole("listitem");
    this.typing = page.locator("#typing");
    this.problem = page.getByRole("alert");
    this.box = page.getByRole("textbox", { name: "Message" });
    this.#state = page.getByRole("status");
  }

  /** Waits until it stands in its room as the page says. */
  async is(state: string): Promise<void> {
    await this.#state.filter({ hasText: state }).waitFor();
  }

  /** Takes another client library, and waits until it is in the room again. */
  async switchTo(library: string): Promise<void> {
    await this.opened.page.getByRole("radio", { name: library }).check();
    await this.cameInThrough(library);
    await this.is("in the room");
  }

  /** Waits for the note of the latest way in. */
  async cameInThrough(library: string): Promise<void> {
    const notes = this.opened.page.locator("#log .note");
    await notes
      .last()
      .filter({ hasText: `You came in through ${library}.` })
      .waitFor();
  }

  /** Follows the link to a room. */
  async goTo(room: string): Promise<void> {
    await this.opened.page.getByRole("navigation").getByTitle(room, { exact: true }).click();
  }

  async say(text: string): Promise<void> {
    await this.box.fill(text);
    await this.opened.page.getByRole("button", { name: "Send" }).click();
  }

  /** The message that contains a text; waits for it. */
  async message(text: string): Promise<string> {
    const message = this.messages.filter({ hasText: text });
    await message.waitFor();
    return (await message.textContent()) ?? "";
  }

  /** Waits until exactly these people are here, oneself first. */
  async sees(...names: readonly string[]): Promise<void> {
    for (const [index, name] of names.entries()) {
      await this.people.nth(index).filter({ hasText: name }).waitFor();
    }
    await this.people.nth(names.length).waitFor({ state: "detached" });
  }

  /** Counts people at every change of the list from now on; gives the largest number so far. */
  async watchPeople(): Promise<() => Promise<unknown>> {
    const { page } = this.opened;
    await page.evaluate(`
      const list = document.getElementById("people");
      globalThis.mostPeople = list.childElementCount;
      new MutationObserver(() => {
        globalThis.mostPeople = Math.max(globalThis.mostPeople, list.childElementCount);
      }).observe(list, { childList: true });
    `);
    return () => page.evaluate("globalThis.mostPeople");
  }

  /** Enters an invitation code, and waits for nothing. */
  async useInvitation(code: string): Promise<void> {
    await this.opened.page.getByLabel("Invitation code").fill(code);
    await this.opened.page.getByRole("button", { name: "Come in" }).click();
  }
}

/** Opens the chat and gives a name, and waits for nothing. */
export async function openChat(
  browser: Browser,
  url: string,
  name: string,
  options: BrowserContextOptions = {},
): Promise<ChatPage> {
  const opened = await openPage(browser, url, options);
  await opened.page.getByLabel("Your name").fill(name);
  await opened.page.getByRole("button", { name: "Come in" }).click();
  return new ChatPage(opened);
}
