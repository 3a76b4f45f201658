import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frames, oddName } from "../../support/mutations.ts";
import { connectRaw, type RawClient } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { ask, connectSocketIo } from "../../support/socket-io-client.ts";
import { until } from "../../support/until.ts";

const FRAMES = 10_000;
const FRAMES_PER_RUN = 20;

const request = fc.oneof(fc.constantFrom("join", "leave", "push", "chat"), oddName);
const room = fc.oneof(fc.constantFrom("room:a", "room:b"), oddName);
const goodPacket = fc
  .tuple(
    fc.constantFrom("42", "421", "4299", "40", "41", "43", "451-", "2", "3"),
    fc.tuple(request, room, oddName, fc.jsonValue()),
  )
  .map(([type, args]) => (type.length > 1 ? `${type}${JSON.stringify(args)}` : type));

/** Speaks Engine.IO by hand: opens and enters the main namespace. */
async function enter(url: string): Promise<RawClient> {
  const client = await connectRaw(`${url}/socket.io/?EIO=4&transport=websocket`);
  await client.barrier("40", (text) => String(text).startsWith("40"));
  return client;
}

/** Sends frames one by one, each handled before the next; where the server closes, it reconnects. */
async function sendAll(url: string, messages: readonly string[]): Promise<void> {
  let client = await enter(url);
  for (const data of messages) {
    if (!client.isOpen) client = await enter(url);
    client.webSocket.send(data);
    // Having left the namespace, the client gets no answer any more.
    if (data.startsWith("41")) client.webSocket.terminate();
    await client.barrier('4277["leave","nowhere"]', (text) => String(text).startsWith("4377"));
  }
  client.webSocket.terminate();
}

describe("ten thousand random and mutated packets", () => {
  it("leave a Socket.IO server alive and right, and nobody else notices", async () => {
    const server = await startServer({ rooms: [{ match: "*", presence: false }] });
    const ann = await connectSocketIo(server.url);
    const ben = await connectSocketIo(server.url);
    await ask(ann, "join", "witness room", {});
    await ask(ben, "join", "witness room", {});
    const heard: unknown[] = [];
    ben.onAny((...event: unknown[]) => heard.push(event));
    await fc.assert(
      fc.asyncProperty(
        fc.array(frames(goodPacket), { minLength: FRAMES_PER_RUN, maxLength: FRAMES_PER_RUN }),
        (messages) => sendAll(server.wsUrl, messages),
      ),
      { endOnFailure: true, numRuns: FRAMES / FRAMES_PER_RUN },
    );
    expect(await ask(ann, "push", "witness room", "hello", { still: "here" })).toMatchObject({
      status: "ok",
    });
    await until("the message", () => heard.length > 0);
    expect(heard).toEqual([["hello", { still: "here" }, { room: "witness room" }]]);
    await until("the rest to be gone", () => server.commonroom.status().rooms === 1);
    expect(server.logLines.filter((line) => line.includes('"level":50'))).toEqual([]);
  }, 120_000);
});
