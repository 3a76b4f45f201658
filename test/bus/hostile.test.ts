import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frames } from "../support/mutations.ts";
import { connectRaw } from "../support/raw-client.ts";
import { connectBackend, startRedis } from "../support/redis-server.ts";
import { startServer } from "../support/server.ts";

const MESSAGES = 10_000;
const MESSAGES_PER_RUN = 50;

const channel = frames(fc.constantFrom("room:a:event", "lobby:x", "a:b:c")).map(
  (name) => `to:${name}`,
);
const payload = frames(fc.json());

describe("ten thousand random messages on to:", () => {
  it("leave the server alive, and members of other rooms hear nothing of them", async () => {
    const redis = await startRedis();
    const server = await startServer({
      redisUrl: redis.url,
      rooms: [{ match: "*", presence: false }],
    });
    const member = await connectRaw(`${server.wsUrl}/websocket?vsn=2.0.0`);
    for (const room of ["witness room", "room:a", "lobby"]) {
      member.send(["1", "1", room, "phx_join", {}]);
      await member.next();
    }
    const backend = await connectBackend(redis.url);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(channel, payload), {
          minLength: MESSAGES_PER_RUN,
          maxLength: MESSAGES_PER_RUN,
        }),
        async (messages) => {
          await Promise.all(messages.map(([name, text]) => backend.publish(name, text)));
        },
      ),
      { endOnFailure: true, numRuns: MESSAGES / MESSAGES_PER_RUN },
    );
    await backend.publish("to:witness room:hello", '{"still":"here"}');
    let frame = await member.next();
    const own: unknown[] = [];
    while (!(Array.isArray(frame) && frame[3] === "hello" && frame[2] === "witness room")) {
      own.push(frame);
      frame = await member.next();
    }
    expect(own.filter((other) => Array.isArray(other) && other[2] === "witness room")).toEqual([]);
    expect(server.commonroom.status().counters.busMessagesRefused).toBeGreaterThan(0);
    expect(server.logLines.length).toBeLessThan(100);
  }, 60_000);
});
