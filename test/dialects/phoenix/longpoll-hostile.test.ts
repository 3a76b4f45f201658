import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LongPollClient, openLongPoll } from "../../support/long-poll-client.ts";
import { frames, oddName } from "../../support/mutations.ts";
import { startServer, type TestServer } from "../../support/server.ts";

const BODIES = 1000;
const STATUSES = [200, 410];
const quiet = { rooms: [{ match: "*", presence: false }] };

const open = (server: TestServer): Promise<LongPollClient> =>
  openLongPoll(`${server.url}/longpoll?vsn=2.0.0`);

const goodFrame = fc
  .tuple(
    oddName,
    oddName,
    fc.constantFrom("room:a", "room:b", "phoenix"),
    fc.oneof(fc.constantFrom("phx_join", "phx_leave", "hi"), oddName),
    fc.jsonValue(),
  )
  .map((frame) => JSON.stringify(frame));
const line = fc.oneof(
  frames(goodFrame),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("base64")),
);
const body = fc.oneof(
  fc.array(line, { maxLength: 120 }).map((lines) => Buffer.from(lines.join("\n"))),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);
const contentType = fc.constantFrom(
  undefined,
  "application/x-ndjson",
  "application/x-ndjson; charset=utf-8",
  "application/json",
  "multipart/form-data",
);

describe("long-polling", () => {
  it("answers a thousand random bodies with 200 or 410, and nobody else notices", async () => {
    const server = await startServer(quiet);
    const witness = await open(server);
    await witness.postLines(["1", "1", "witness", "phx_join", {}]);
    let client = await open(server);
    await fc.assert(
      fc.asyncProperty(body, contentType, async (bytes, type) => {
        const { status } = await client.post(bytes, { contentType: type });
        expect(STATUSES).toContain(status);
        if (status === 410) client = await open(server);
      }),
      { endOnFailure: true, numRuns: BODIES },
    );
    await witness.postLines(["1", "2", "witness", "hi", {}]);
    const heard = await witness.frames();
    expect(heard.at(-1)).toMatchObject(["1", "2", "witness", "phx_reply", { status: "ok" }]);
    expect(server.logLines.filter((text) => text.includes('"level":50'))).toEqual([]);
  }, 60_000);

  it("answers any query and any token with a status that clients know", async () => {
    const { url } = await startServer({ limits: { longPollWindowMs: 50 } });
    const known = [403, 410];
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: "binary" }),
        fc.constantFrom("GET", "POST"),
        async (text, method) => {
          const query = encodeURIComponent(text).replaceAll("%26", "&").replaceAll("%3D", "=");
          const answer = await fetch(`${url}/longpoll?token=${query}`, { method });
          expect(answer.status).toBe(200);
          expect(known).toContain(Reflect.get(Object(await answer.json()), "status"));
        },
      ),
      { numRuns: 200 },
    );
  });

  it("is not slowed down by a megabyte of empty lines or of tiny ones", async () => {
    const server = await startServer(quiet);
    for (const flood of ["\n".repeat(1_000_000), "AA==\n".repeat(200_000), "[\n".repeat(500_000)]) {
      const client = await open(server);
      const startedMs = performance.now();
      const { status } = await client.post(flood, { contentType: "application/x-ndjson" });
      expect(STATUSES).toContain(status);
      expect(performance.now() - startedMs).toBeLessThan(1000);
    }
  });

  it("bounds what a client that only posts makes wait", async () => {
    const server = await startServer({ ...quiet, limits: { maxBacklogBytes: 20_000 } });
    const client = await open(server);
    const flood = Array.from({ length: 100 }, (_, n) => [null, n, "phoenix", "heartbeat", {}]);
    const statuses: number[] = [];
    while (statuses.at(-1) !== 410 && statuses.length < 20) {
      statuses.push((await client.postLines(...flood)).status);
    }
    expect(statuses.at(-1)).toBe(410);
    expect(server.commonroom.status().counters.slowReadersClosed).toBe(1);
  });

  it("refuses compressed bodies, however little they weigh", async () => {
    const server = await startServer(quiet);
    const client = await open(server);
    const answer = await fetch(client.ownUrl, {
      method: "POST",
      body: "x",
      headers: { "content-encoding": "gzip" },
    });
    expect(answer.status).toBe(415);
    expect((await client.postLines()).status).toBe(200);
  });
});
