import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";

/** Without them Chromium needs rights, a display or a network that tests do not have. */
export const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the system's Chromium without a window; it is closed when the test ends. */
export async function startBrowser(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: findChromium(), args: FLAGS });
  onTestFinished(() => browser.close());
  return browser;
}

/** A page in a context of its own, and what went wrong in it. */
export interface OpenPage {
  readonly page: Page;
  /** Uncaught errors, and errors on the console such as breaches of the security policy. */
  readonly errors: readonly string[];
}

/** Opens an address as a visitor of its own, with storage that nobody else sees. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await page.goto(url);
  return { page, errors };
}

/** Closes a page as its user would, with its whole context. */
export async function closePage({ page }: OpenPage): Promise<void> {
  await page.context().close();
}

/** The system's Chromium. */
export function findChromium(): string {
  const directories = (process.env["PATH"] ?? "").split(delimiter);
  const found = directories.map((path) => join(path, "chromium")).find(isExecutable);
  if (found === undefined) throw new Error("chromium is missing: apt-get install chromium");
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
