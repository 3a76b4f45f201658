import type { Locator, Page } from "playwright-core";

/** The longest command takes 20 s, and another may be before it. */
const PROCESS_TIMEOUT_MS = 30_000;

/** The example's page, as its user sees it. */
export class StreamPage {
  readonly page: Page;
  readonly lines: Locator;

  constructor(page: Page) {
    this.page = page;
    this.lines = page.getByRole("list", { name: "Lines" }).getByRole("listitem");
  }

  /** Waits until the page says that it is connected. */
  async isLive(): Promise<void> {
    await this.page.getByRole("status").filter({ hasText: "live" }).waitFor();
  }

  /** Has a command run, by what its button says. */
  async run(title: string): Promise<void> {
    await this.page.getByRole("button", { name: title }).click();
  }

  /** Waits until the process that is shown is in a state. */
  async isIn(state: string): Promise<void> {
    const steps = this.page.getByRole("list", { name: "State of the process" });
    const current = steps.locator("[aria-current=step]").filter({ hasText: state });
    await current.waitFor({ timeout: PROCESS_TIMEOUT_MS });
  }

  /** The states of the listed processes, the newest first. */
  states(): Promise<readonly (string | null)[]> {
    return this.page
      .getByRole("region", { name: "Latest processes" })
      .getByRole("listitem")
      .evaluateAll((items) => items.map((item) => item.getAttribute("data-state")));
  }

  /** Waits until there are that many lines. */
  async hasLines(count: number): Promise<void> {
    await this.lines.nth(count - 1).waitFor({ timeout: PROCESS_TIMEOUT_MS });
  }

  /** The lines of the process that is shown, each with its number. */
  output(): Promise<readonly (readonly [number: number, text: string])[]> {
    return this.lines.evaluateAll((items) =>
      items.map((item) => [Number(item.value), item.textContent] as const),
    );
  }

  async ask(question: string): Promise<void> {
    await this.page.getByRole("textbox", { name: "Question" }).fill(question);
    await this.page.getByRole("button", { name: "Ask", exact: true }).click();
  }

  /** Waits for the answer that stands beside a question. */
  async answerTo(question: string): Promise<string> {
    const asked = this.page.getByRole("log").getByRole("listitem").filter({ hasText: question });
    return (await asked.locator(".answer").textContent()) ?? "";
  }
}
