import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { type OpenPage, openPage } from "../support/browser.ts";

/** One panel of the live page, as its user sees it. */
export class Panel {
  readonly region: Locator;
  readonly messages: Locator;
  readonly present: Locator;
  readonly refusal: Locator;
  readonly state: Locator;
  readonly sendButton: Locator;

  constructor(page: Page, client: string) {
    this.region = page.getByRole("region", { name: client, exact: true });
    this.messages = this.region.getByRole("log").getByRole("article");
    this.present = this.region.getByRole("listitem");
    this.refusal = this.region.getByRole("alert");
    this.state = this.region.getByRole("status");
    this.sendButton = this.region.getByRole("button", { name: "Send" });
  }

  /** Waits until the panel is in its room. */
  async joined(): Promise<void> {
    await this.state.filter({ hasText: /^joined$/ }).waitFor();
  }

  /** Fills in the box and sends it. */
  async send(payload: string, event = "message"): Promise<void> {
    await this.region.getByLabel("Event").fill(event);
    await this.region.getByLabel("Text or JSON").fill(payload);
    await this.sendButton.click();
  }

  /** The message that contains a text; waits for it. */
  async message(text: string): Promise<string> {
    const message = this.messages.filter({ hasText: text });
    await message.waitFor();
    return (await message.textContent()) ?? "";
  }

  /** Waits until that many keys are present. */
  async hasPresent(count: number): Promise<void> {
    await this.present.nth(count - 1).waitFor();
    await this.present.nth(count).waitFor({ state: "detached" });
  }
}

/** An open live page and its three panels. */
export interface LivePage extends OpenPage {
  readonly phoenix: Panel;
  readonly socketIo: Panel;
  readonly roomClient: Panel;
  readonly panels: readonly Panel[];
}

/** Opens the live page. */
export async function openLivePage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<LivePage> {
  const opened = await openPage(browser, url, options);
  const phoenix = new Panel(opened.page, "phoenix.js");
  const socketIo = new Panel(opened.page, "Socket.IO");
  const roomClient = new Panel(opened.page, "room client");
  const panels = [phoenix, socketIo, roomClient];
  return { ...opened, phoenix, socketIo, roomClient, panels };
}

/** Waits until all of these are in their room. */
export async function allJoined(panels: readonly Panel[]): Promise<void> {
  await Promise.all(panels.map((panel) => panel.joined()));
}

/** Waits until each of these sees that many keys present. */
export async function allHavePresent(panels: readonly Panel[], count: number): Promise<void> {
  await Promise.all(panels.map((panel) => panel.hasPresent(count)));
}
