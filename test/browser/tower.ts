import type { Locator, Page } from "playwright-core";

/** The runner pauses between jobs, and a job takes some seconds. */
const JOB_TIMEOUT_MS = 45_000;

/** A page that follows jobs, as its user sees it. */
export class JobsPage {
  readonly page: Page;
  readonly lines: Locator;
  readonly #jobs: Locator;

  constructor(page: Page) {
    this.page = page;
    this.lines = page.locator("#output li");
    this.#jobs = page.getByRole("region", { name: "Latest jobs" });
  }

  /** Waits until the page says that it is connected so. */
  async is(state: string): Promise<void> {
    await this.page.getByRole("status").filter({ hasText: state }).waitFor();
  }

  /** Waits until a job has a status. */
  async sees(jobId: number, status: string): Promise<void> {
    await this.job(jobId).filter({ hasText: status }).waitFor({ timeout: JOB_TIMEOUT_MS });
  }

  /** The button of a job. */
  job(jobId: number): Locator {
    return this.#jobs.getByRole("button", { name: `Job ${jobId}` });
  }

  /** The lines of the job that is followed, each with its number. */
  output(): Promise<readonly (readonly [number: number, text: string])[]> {
    return this.lines.evaluateAll((items) =>
      items.map((item) => [Number(item.value), item.textContent] as const),
    );
  }
}
