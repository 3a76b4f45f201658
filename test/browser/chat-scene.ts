import { startBrowser } from "../support/browser.ts";
import { type CompiledExample, startExample } from "../support/example.ts";
import { openChat } from "./chat.ts";

export async function setUp(example: CompiledExample) {
  const running = startExample(example);
  const [url, code, browser] = await Promise.all([
    running.printed("Chat"),
    running.printed("Invitation"),
    startBrowser(),
  ]);
  return { running, url, code, browser };
}

/** Ann on phoenix.js and Ben on Socket.IO, each in a browser of their own, in one public room. */
export async function meet(example: CompiledExample) {
  const [started, bensBrowser] = await Promise.all([setUp(example), startBrowser()]);
  const { browser, url } = started;
  const [ann, ben] = await Promise.all([
    openChat(browser, url, "Ann"),
    openChat(bensBrowser, url, "Ben"),
  ]);
  await Promise.all([ann.cameInThrough("phoenix.js"), ben.switchTo("Socket.IO")]);
  await Promise.all([ann.sees("Ann", "Ben"), ben.sees("Ben", "Ann")]);
  return { ...started, ann, ben };
}
