import { expect } from "vitest";
import { openPage, startBrowser } from "../support/browser.ts";
import { type CompiledExample, type RunningExample, startExample } from "../support/example.ts";
import { StreamPage } from "./colonies-stream.ts";

export const WATCH = "Watch this machine";
export const LIST = "List the server's source files";
export const MISSING = "Look into a folder that is missing";

/** Starts the example, and opens its page. */
export async function startStream(
  example: CompiledExample,
  environment: Readonly<Record<string, string>> = {},
) {
  const browser = await startBrowser();
  const running = startExample(example, [], { REDIS_URL: "", ...environment });
  const url = await running.printed("Page");
  const opened = await openPage(browser, url);
  const stream = new StreamPage(opened.page);
  await stream.isLive();
  return { running, browser, url, stream, errors: opened.errors };
}

/** Submits a process as the page does; answers its id. */
export async function submit(url: string, asked: object): Promise<string> {
  const answer = await post(url, JSON.stringify(asked));
  expect(answer.status).toBe(201);
  return String(Object(await answer.json()).id);
}

export function post(url: string, body: string): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(`${url}api/runs`, { method: "POST", headers, body });
}

/** Ends the example as Ctrl+C does, and looks at how it went. */
export async function stopsWell(running: RunningExample): Promise<void> {
  const { code, output } = await running.stop();
  expect(code).toBe(0);
  expect(output).not.toMatch(/^\s+at /m);
  expect(output).not.toContain("executor:");
}
