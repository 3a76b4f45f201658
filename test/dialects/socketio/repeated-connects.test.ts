import { describe, expect, it } from "vitest";
import type { ConnectHook } from "../../../server/index.ts";
import { connectRaw } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { until } from "../../support/until.ts";

const CONNECTS = 1000;
/** Engine.IO's packet, the last of an answer. */
const CLOSE = /1$/;

/** Opens an Engine.IO session over long-polling. */
async function openPolling(url: string): Promise<string> {
  const address = `${url}/socket.io/?EIO=4&transport=polling`;
  const opened = await (await fetch(address)).text();
  const { sid }: { readonly sid: string } = JSON.parse(opened.slice(1));
  return `${address}&sid=${sid}`;
}

describe("a Socket.IO client", () => {
  it("that asks for the main namespace a thousand times at once over long-polling is closed", async () => {
    let asked = 0;
    const connect: ConnectHook = () => {
      asked += 1;
      return { ok: true };
    };
    const { url, commonroom } = await startServer({}, { connect });
    const address = await openPolling(url);
    const body = Array.from({ length: CONNECTS }, () => "40").join("\u001e");
    await fetch(address, { method: "POST", body });
    expect(await (await fetch(address)).text()).toMatch(CLOSE);
    expect((await fetch(address)).status).toBe(400);
    expect(asked).toBe(0);
    expect(commonroom.status().connections).toBe(0);
  });

  it("that asks for it twice before it is answered is closed, also over WebSocket", async () => {
    const never = new Promise<never>(() => {});
    const { wsUrl, commonroom } = await startServer({}, { connect: () => never });
    const client = await connectRaw(`${wsUrl}/socket.io/?EIO=4&transport=websocket`);
    client.send("40");
    client.send('40{"token":"x"}');
    await client.end();
    expect(commonroom.io.of("/").sockets.size).toBe(0);
  });

  it("that was refused, or has left the namespace, may ask for it again", async () => {
    const answers = [{ ok: false, reason: "not yet" } as const];
    const connect: ConnectHook = () => answers.pop() ?? { ok: true };
    const { wsUrl, commonroom } = await startServer({}, { connect });
    const client = await connectRaw(`${wsUrl}/socket.io/?EIO=4&transport=websocket`);
    const isAnswer = (text: unknown): boolean => /^4[04]/.test(String(text));
    await client.barrier("40", isAnswer);
    await client.barrier("40", isAnswer);
    client.send("41");
    await until("it to have left", () => commonroom.io.of("/").sockets.size === 0);
    await client.barrier("40", isAnswer);
    expect(client.received.map((text) => String(text).slice(0, 2))).toEqual([
      expect.stringMatching(/^0/),
      "44",
      "40",
      "40",
    ]);
  });

  it("that the application's own middleware refused may ask again", async () => {
    const { wsUrl, commonroom } = await startServer();
    const refusals = [new Error("not yet")];
    commonroom.io.use((_socket, next) => next(refusals.pop()));
    const client = await connectRaw(`${wsUrl}/socket.io/?EIO=4&transport=websocket`);
    const isAnswer = (text: unknown): boolean => /^4[04]/.test(String(text));
    await client.barrier("40", isAnswer);
    await client.barrier("40", isAnswer);
    expect(commonroom.io.of("/").sockets.size).toBe(1);
  });
});
