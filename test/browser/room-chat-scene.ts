import { startBrowser } from "../support/browser.ts";
import { type CompiledExample, startExample } from "../support/example.ts";
import { openRoomChat, type RoomChatPage } from "./room-chat.ts";

/** Two browsers, and Python in one of them, take their time to start. */
export const TIMEOUT_MS = 60_000;

/** The page in JavaScript and the page in Python, each in a browser of its own. */
export async function meet(example: CompiledExample) {
  const running = startExample(example);
  const [url, pythonUrl, serverUrl] = await Promise.all([
    running.printed("Room chat"),
    running.printed("In Python"),
    running.printed("Server"),
  ]);
  const [browser, otherBrowser] = await Promise.all([startBrowser(), startBrowser()]);
  const [javascript, python] = await Promise.all([
    openRoomChat(browser, url),
    openRoomChat(otherBrowser, pythonUrl),
  ]);
  const pages = [javascript, python];
  return { running, browser, url, pythonUrl, serverUrl, javascript, python, pages };
}

/** Does the same on all pages. */
export const all = (pages: readonly RoomChatPage[], act: (page: RoomChatPage) => Promise<void>) =>
  Promise.all(pages.map(act));
