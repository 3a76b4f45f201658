import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frames, oddName } from "../../support/mutations.ts";
import { connectPlain, heardBy, joinPlain } from "../../support/plain-client.ts";
import { startServer } from "../../support/server.ts";

const FRAMES = 10_000;
const FRAMES_PER_RUN = 100;

const room = fc.oneof(fc.constantFrom("room:a", "room:a", "room:b"), oddName);
const extra = fc.dictionary(
  fc.constantFrom("_id", "_event", "presence", "binary", "token"),
  oddName,
);
const good = fc
  .oneof(
    fc.record({ type: fc.constantFrom("_join", "_leave"), room }),
    fc.record({ text: fc.jsonValue(), _room: room }),
  )
  .chain((frame) => extra.map((more) => JSON.stringify({ ...frame, ...more })));
const binary = fc
  .tuple(frames(good), fc.uint8Array({ maxLength: 20 }))
  .map(([head, data]) => Buffer.concat([Buffer.from(`${head}\n`), data]));
const message = fc.oneof({ arbitrary: frames(good), weight: 9 }, { arbitrary: binary, weight: 1 });

describe("ten thousand random and mutated frames", () => {
  it("leave a plain connection open and useful, and nobody else notices", async () => {
    const server = await startServer({ rooms: [{ match: "*", presence: false }] });
    const ann = await joinPlain(server, "witness room");
    const ben = await joinPlain(server, "witness room");
    const client = await connectPlain(server);
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { minLength: FRAMES_PER_RUN, maxLength: FRAMES_PER_RUN }),
        async (messages) => {
          for (const data of messages) client.webSocket.send(data);
          await heardBy(client);
          expect(client.isOpen).toBe(true);
        },
      ),
      { endOnFailure: true, numRuns: FRAMES / FRAMES_PER_RUN },
    );
    expect(await heardBy(ben)).toEqual([]);
    ann.send({ still: "here", _room: "witness room" });
    expect(await ben.next()).toEqual({ still: "here", _room: "witness room" });
    expect(server.logLines.filter((line) => line.includes('"level":50'))).toEqual([]);
  }, 60_000);
});
