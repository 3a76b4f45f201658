import { once } from "node:events";
import { connect } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { followEvents } from "../../support/event-stream.ts";
import { frames } from "../../support/mutations.ts";
import { startServer } from "../../support/server.ts";
import { until, within } from "../../support/until.ts";

const REQUESTS = 2000;
const REQUESTS_PER_RUN = 50;
/** What may be answered; an answer that a broken request gets from Node is 400. */
const STATUSES = new Set([200, 204, 400, 404, 405, 422, 431]);

const word = fc.oneof(
  fc.constantFrom("", "0", "1", "-1", "1@e", "closed", "__proto__", "%", "%zz", "%00", "a%0d%0ab"),
  fc.string({ maxLength: 8 }).map(encodeURIComponent),
);
const query = fc
  .array(fc.tuple(fc.constantFrom("since", "epoch", "presence", "meta[a]", "meta", "a[]"), word))
  .map((pairs) => pairs.map((pair) => pair.join("=")).join("&"));
const room = fc.oneof(fc.constantFrom("log:a", "lobby", "phoenix", "%00", "a/b"), word);
const good = fc
  .record({ room, query, id: word, method: fc.constantFrom("GET", "GET", "GET", "HEAD", "POST") })
  .map(
    ({ room: name, query: asked, id, method }) =>
      `${method} /rooms/${name}/events?${asked} HTTP/1.1\r\nhost: a\r\nlast-event-id: ${id}`,
  );

/** Sends one request, hangs up at the first sign of an answer, and tells its status. */
async function ask(port: number, request: string): Promise<number> {
  const stream = connect(port, "127.0.0.1");
  stream.on("error", () => {});
  stream.write(`${request.replaceAll(/\r\n\r\n/g, "")}\r\n\r\n`);
  let text = "";
  stream.on("data", (piece: Buffer) => {
    text += piece.toString("latin1");
    if (text.includes("\r\n\r\n")) stream.destroy();
  });
  await within(`an answer to ${JSON.stringify(request)}`, once(stream, "close"));
  return Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
}

describe("two thousand random and mutated requests", () => {
  it("are each answered, leave nobody in a room, and nobody else notices", async () => {
    const rooms = [
      { match: "log:*", log: {} },
      { match: "*", presence: false },
    ];
    const server = await startServer({ rooms });
    const witness = await followEvents(server, "witness room");
    // Empty lines before a request do not count.
    const some = frames(good).filter((text) => text.trim() !== "");
    const requests = fc.array(some, {
      minLength: REQUESTS_PER_RUN,
      maxLength: REQUESTS_PER_RUN,
    });
    await fc.assert(
      fc.asyncProperty(requests, async (texts) => {
        const statuses = await Promise.all(texts.map((text) => ask(server.port, text)));
        expect(statuses.filter((status) => !STATUSES.has(status))).toEqual([]);
      }),
      { endOnFailure: true, numRuns: REQUESTS / REQUESTS_PER_RUN },
    );
    await until("all to be gone", () => server.commonroom.io.of("/").sockets.size === 1);
    server.commonroom.io.to("witness room").emit("still", {});
    await witness.hears("still");
    expect(witness.heard).toEqual([["still", {}]]);
    expect(server.logLines.filter((line) => line.includes('"level":50'))).toEqual([]);
  }, 60_000);
});
