import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { openPage, startBrowser } from "../support/browser.ts";
import { eventsPath } from "../support/event-stream.ts";
import { startServer } from "../support/server.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { until } from "../support/until.ts";

/** Listens with nothing but what the browser has. */
const PAGE = `<!doctype html><title>page</title><script>
const told = [];
const source = new EventSource(new URLSearchParams(location.search).get("url"));
source.addEventListener("phx_reply", () => told.push("in"));
source.onerror = ({ data }) => { if (data === undefined) told.push(source.readyState === 2 ? "closed" : "connecting"); };
source.addEventListener("number", ({ data }) => told.push(JSON.parse(data).n));
source.addEventListener("phx_close", () => told.push("phx_close"));
</script>`;

/** A page of another origin. */
async function servePage(): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end(PAGE);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe("EventSource in a browser", () => {
  it("hears a room of another origin, comes back with what it missed, and stays away once it is taken out", async () => {
    const server = await startServer({ rooms: [{ match: "log:*", log: {} }] });
    const proxy = await TcpProxy.start(server.port);
    const url = `http://127.0.0.1:${proxy.port}${eventsPath("log:a")}`;
    const browser = await startBrowser();
    const { page } = await openPage(browser, `${await servePage()}?url=${encodeURIComponent(url)}`);
    const told = () => page.evaluate("told") as Promise<unknown[]>;
    const { io } = server.commonroom;
    const isIn = (): boolean => io.of("/").adapter.rooms.has("log:a");
    const say = (n: number) => void io.to("log:a").emit("number", { n });
    await until("it to be in", async () => (await told()).includes("in"), 10_000);
    proxy.cut();
    await until("it to be gone", () => !isIn());
    say(1);
    say(2);
    proxy.restore();
    await until("it to be back", isIn, 15_000);
    say(3);
    await until("it to hear all", async () => (await told()).includes(3));
    io.in("log:a").socketsLeave("log:a");
    await until("it to stay away", async () => (await told()).includes("closed"), 15_000);
    expect((await told()).filter((each) => each !== "connecting")).toEqual([
      "in",
      "in",
      1,
      2,
      3,
      "phx_close",
      "closed",
    ]);
  }, 60_000);
});
