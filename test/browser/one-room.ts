import type { Browser, Locator } from "playwright-core";
import { type OpenPage, openPage } from "../support/browser.ts";

/** The panels of the page, by their headings. */
export const panelNames = [
  "phoenix.js",
  "Socket.IO",
  "room client",
  "Python in the page",
  "No library",
  "As AWX does",
  "ColonyOS executor",
  "Python on Redis",
] as const;
export type PanelName = (typeof panelNames)[number];

/** The only one whose protocol has no word for sending. */
export const LISTENER: PanelName = "As AWX does";

/** Python has to be loaded and compiled. */
const JOIN_TIMEOUT_MS = 60_000;

/** The page of the example, as its user sees it. */
export class OneRoomPage {
  readonly opened: OpenPage;

  constructor(opened: OpenPage) {
    this.opened = opened;
  }

  /** Waits until every panel's member is in. */
  async joined(): Promise<void> {
    for (const name of panelNames) {
      const state = this.#panel(name).locator("xpath=self::*[@data-state='live']");
      await state.waitFor({ timeout: JOIN_TIMEOUT_MS });
    }
  }

  /** Says something in a panel. */
  async say(name: PanelName, text: string): Promise<void> {
    const panel = this.#panel(name);
    await panel.getByLabel("Message").fill(text);
    await panel.getByRole("button", { name: "Send" }).click();
    await this.hears(name, text);
  }

  /** Waits until a panel shows a text. */
  async hears(name: PanelName, text: string): Promise<void> {
    await this.#panel(name).locator(".line").filter({ hasText: text }).waitFor();
  }

  /** All that a panel shows, in its order. */
  shown(name: PanelName): Promise<string[]> {
    return this.#panel(name).locator(".line").allTextContents();
  }

  #panel(name: PanelName): Locator {
    const heading = this.opened.page.getByRole("heading", { name, exact: true });
    return this.opened.page.locator("section.panel").filter({ has: heading });
  }
}

/** Opens the page and waits until all are in the room. */
export async function openOneRoom(browser: Browser, url: string): Promise<OneRoomPage> {
  const viewport = { width: 1440, height: 900 };
  const opened = await openPage(browser, url, { viewport, deviceScaleFactor: 1 });
  const page = new OneRoomPage(opened);
  await page.joined();
  return page;
}
