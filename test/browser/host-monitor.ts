import type { Locator, Page } from "playwright-core";

/** One of the page's plots, as its user sees it. */
export class Plot {
  readonly #region: Locator;

  constructor(page: Page, client: string) {
    this.#region = page.getByRole("region", { name: client, exact: true });
  }

  /** The text of one figure. */
  async figure(name: string): Promise<string> {
    return (await this.#region.locator(`[data-figure="${name}"]`).textContent()) ?? "";
  }

  /** How many samples were drawn. */
  async samples(): Promise<number> {
    return Number(await this.figure("samples"));
  }

  /** When the last sample was taken, in milliseconds since 1970. */
  async lastTimeMs(): Promise<number> {
    return Date.parse((await this.#region.locator("time").getAttribute("datetime")) ?? "");
  }

  /** The picture that was drawn. */
  picture(): Promise<unknown> {
    return this.#region
      .locator("canvas")
      .evaluate((canvas: { toDataURL(): string }) => canvas.toDataURL());
  }
}
