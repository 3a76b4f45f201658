import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { openPage, startBrowser } from "../support/browser.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { secret, tokenFor } from "../support/tokens.ts";
import { until } from "../support/until.ts";

const require = createRequire(import.meta.url);
const versions = ["phoenix-1-5", "phoenix-1-6", "phoenix-1-7", "phoenix"];

/** Opens a page of the server's origin that has a phoenix.js of this version. */
async function pageWith(library: string, server: TestServer): Promise<Page> {
  const { page } = await openPage(await startBrowser(), `${server.url}/health`);
  await page.addScriptTag({ path: join(dirname(require.resolve(library)), "phoenix.js") });
  return page;
}

/** Joins a room, pushes into it and waits for an answer from there; runs in the page. */
function visit(options: string, address = "/socket"): string {
  return `new Promise((resolve, reject) => {
    const socket = new Phoenix.Socket("${address}", ${options});
    socket.connect();
    const channel = socket.channel("lobby", {});
    channel.on("answer", resolve);
    channel.join()
      .receive("ok", () => channel.push("question", { n: 1 })
        .receive("error", (reason) => reject(new Error(JSON.stringify(reason)))))
      .receive("error", (reason) => reject(new Error(JSON.stringify(reason))));
  })`;
}

/** Answers each question that a visitor pushes into the room. */
function answerQuestions({ commonroom }: TestServer): void {
  commonroom.channel("lobby", {
    on: {
      question: {
        handle: (_member, question) => {
          commonroom.io.to("lobby").emit("answer", { question });
        },
      },
    },
  });
}

describe("a page in Chromium", { timeout: 40_000 }, () => {
  it.each(versions)("with npm %s joins, pushes and hears over LongPoll", async (library) => {
    const server = await startServer();
    answerQuestions(server);
    const page = await pageWith(library, server);
    const found = await page.evaluate(visit("{ transport: Phoenix.LongPoll }"));
    expect(found).toEqual({ question: { n: 1 } });
    const [socket] = server.commonroom.io.of("/").sockets.values();
    expect(socket?.conn.transport.name).toBe("polling");
  });

  it("whose WebSocket is blocked falls back to LongPoll, and is a member", async () => {
    const server = await startServer();
    answerQuestions(server);
    const page = await pageWith("phoenix", server);
    // Nothing listens there, as behind a proxy that lets no WebSocket through.
    await page.evaluate(
      `window.WebSocket = class extends WebSocket { constructor() { super("ws://127.0.0.1:9/"); } }`,
    );
    const found = await page.evaluate(visit("{ longPollFallbackMs: 200 }"));
    expect(found).toEqual({ question: { n: 1 } });
    const [socket] = server.commonroom.io.of("/").sockets.values();
    expect(socket?.conn.transport.name).toBe("polling");
  });

  it("of another origin long-polls as well, its preflights answered", async () => {
    const server = await startServer({ auth: { jwtSecret: secret } });
    const elsewhere = await startServer();
    answerQuestions(server);
    const page = await pageWith("phoenix", elsewhere);
    // Sent as a header of its own, which a browser asks about first.
    const options = `{ transport: Phoenix.LongPoll, authToken: "${tokenFor("lobby")}" }`;
    const found = await page.evaluate(visit(options, `${server.wsUrl}/socket`));
    expect(found).toEqual({ question: { n: 1 } });
  });

  it("that is closed leaves its rooms", async () => {
    // A session ends that is silent for half as long again, and a browser may be kept busy.
    const server = await startServer({ limits: { longPollWindowMs: 1000 } });
    answerQuestions(server);
    const page = await pageWith("phoenix", server);
    await page.evaluate(visit("{ transport: Phoenix.LongPoll }"));
    await page.context().close();
    await until("nobody", () => server.commonroom.status().connections === 0, 10_000);
  });
});
