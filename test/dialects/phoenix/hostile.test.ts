import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frames, oddName } from "../../support/mutations.ts";
import { connectRaw, type RawClient } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";

const FRAMES = 10_000;
const FRAMES_PER_RUN = 20;

const event = fc.oneof(
  fc.constantFrom("phx_join", "phx_join", "phx_leave", "heartbeat", "hello", "phx_close"),
  oddName,
);
const topic = fc.oneof(fc.constantFrom("room:a", "room:a", "room:b", "phoenix"), oddName);
const ref = fc.oneof(fc.constantFrom<unknown>("1", "2", null, 1), oddName);
const goodText = fc
  .tuple(ref, ref, topic, event, fc.jsonValue())
  .map((frame) => JSON.stringify(frame));
const goodBinary = fc
  .tuple(fc.constantFrom("room:a", "room:b"), fc.uint8Array({ maxLength: 20 }))
  .map(([room, data]) =>
    Buffer.concat([Buffer.from([0, 1, 1, room.length, 1]), Buffer.from(`12${room}e`), data]),
  );
const binary = fc.oneof(
  goodBinary,
  goodBinary.map((bytes) => bytes.subarray(0, bytes.length >> 1)),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
);
const message = fc.oneof(
  { arbitrary: frames(goodText), weight: 9 },
  { arbitrary: binary, weight: 1 },
);

const heartbeat = '[null,"barrier","phoenix","heartbeat",{}]';

/** Sends frames one by one, each handled before the next; where the server closes, it reconnects. */
async function sendAll(url: string, messages: readonly (string | Buffer)[]): Promise<void> {
  let client = await connectRaw(url);
  for (const data of messages) {
    if (!client.isOpen) client = await connectRaw(url);
    client.webSocket.send(data);
    await client.barrier(heartbeat, (text) => String(text).startsWith('[null,"barrier"'));
    if (!client.isOpen) expect([1007, 1011]).toContain((await client.end()).code);
  }
  client.webSocket.terminate();
}

async function member(url: string, room: string): Promise<RawClient> {
  const client = await connectRaw(url);
  client.send(["1", "1", room, "phx_join", {}]);
  await client.next();
  return client;
}

describe("ten thousand random and mutated frames", () => {
  it("leave a Phoenix server alive and right, and nobody else notices", async () => {
    const server = await startServer({ rooms: [{ match: "*", presence: false }] });
    const url = `${server.wsUrl}/websocket?vsn=2.0.0`;
    const ann = await member(url, "witness room");
    const ben = await member(url, "witness room");
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { minLength: FRAMES_PER_RUN, maxLength: FRAMES_PER_RUN }),
        (messages) => sendAll(url, messages),
      ),
      { endOnFailure: true, numRuns: FRAMES / FRAMES_PER_RUN },
    );
    ann.send(["1", "2", "witness room", "hello", { still: "here" }]);
    expect(await ben.next()).toEqual([null, null, "witness room", "hello", { still: "here" }]);
    expect(await ann.next()).toMatchObject(["1", "2", "witness room", "phx_reply", {}]);
    expect(server.commonroom.status().rooms).toBe(1);
    expect(server.logLines.filter((line) => line.includes('"level":50'))).toEqual([]);
    const warnings = server.logLines.filter((line) => line.includes("cannot read"));
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings.length).toBeLessThan(10);
  }, 120_000);
});
