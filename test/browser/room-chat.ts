import type { Browser, BrowserContextOptions, Locator } from "playwright-core";
import { type OpenPage, openPage } from "../support/browser.ts";

/** Python takes some seconds to load, and more on a busy machine. */
const PATIENCE_MS = 25_000;

/** A page of the room chat, as its user sees it. */
export class RoomChatPage {
  readonly opened: OpenPage;
  readonly messages: Locator;
  readonly problem: Locator;
  readonly #state: Locator;

  constructor(opened: OpenPage) {
    const { page } = opened;
    this.opened = opened;
    this.messages = page.getByRole("log").getByRole("paragraph");
    this.problem = page.getByRole("alert");
    this.#state = page.getByRole("status");
  }

  /** Waits until its connection is as the page says. */
  async is(state: string): Promise<void> {
    await this.#state.filter({ hasText: state }).waitFor();
  }

  /** Waits until its connection is open, and the server has let it into this room. */
  async isIn(button: string): Promise<void> {
    await this.is("open");
    await this.opened.page.getByRole("button", { name: button, pressed: true }).waitFor();
  }

  /** Takes another room, and waits until it is in. */
  async switchTo(button: string): Promise<void> {
    await this.click(button);
    await this.isIn(button);
  }

  /** Clicks a room's button, and waits for nothing. */
  async click(button: string): Promise<void> {
    await this.opened.page.getByRole("button", { name: button, exact: true }).click();
  }

  async say(text: string): Promise<void> {
    await this.opened.page.getByRole("textbox", { name: "Message" }).fill(text);
    await this.opened.page.getByRole("button", { name: "Send" }).click();
    await this.messages.and(this.opened.page.locator(".mine")).filter({ hasText: text }).waitFor();
  }

  /** Waits for a message of somebody else. */
  async hears(text: string): Promise<void> {
    const { page } = this.opened;
    await this.messages.and(page.locator(":not(.mine)")).filter({ hasText: text }).waitFor();
  }

  /** All that is shown of the room, in order. */
  texts(): Promise<string[]> {
    return this.messages.allTextContents();
  }
}

/** Opens a page of the room chat, and waits until it is connected. */
export async function openRoomChat(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<RoomChatPage> {
  const opened = await openPage(browser, url, options);
  opened.page.context().setDefaultTimeout(PATIENCE_MS);
  const page = new RoomChatPage(opened);
  await page.isIn("General");
  return page;
}
