import { readFile } from "node:fs/promises";
import { afterAll } from "vitest";
import { PyodidePage } from "./pyodide-page.ts";
import { PythonClient } from "./python-client.ts";
import type { RoomClientKind } from "./room-client.ts";

/** One page for all clients of a test file: Pyodide takes seconds to load. */
let opening: Promise<PyodidePage> | undefined;
let clients = 0;

async function openPage(): Promise<PyodidePage> {
  const opened = await PyodidePage.start();
  const driver = await readFile("test/room-clients/python-driver.py", "utf8");
  const start = `
    installInto(pyodide);
    const names = pyodide.globals.get("dict")();
    names.set("__name__", "driver");
    pyodide.runPython(${JSON.stringify(driver)}, { globals: names });
    globalThis.ask = pyodide.runPython("Driver().handle", { globals: names });
  `;
  await opened.page.evaluate(`(() => {${start}})()`);
  return opened;
}

afterAll(async () => {
  const opened = await opening;
  opening = undefined;
  await opened?.stop();
});

/** The same Python in a real page: Chromium, Pyodide, the browser's own WebSocket. */
export const pyodideKind: RoomClientKind = {
  name: "Python in Pyodide",
  async open(serverWsUrl, options) {
    opening ??= openPage();
    const { page } = await opening;
    clients += 1;
    const ask = async (request: string): Promise<string> =>
      String(await page.evaluate(`ask(${JSON.stringify(request)})`));
    const client = new PythonClient(ask, `client ${clients}`, () => Promise.resolve());
    return client.open(serverWsUrl, options);
  },
};
