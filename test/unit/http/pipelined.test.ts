import { connect, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { openSession, pollInBackground } from "../../support/long-poll-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { until } from "../../support/until.ts";

/** Sends requests over one TCP connection, none of which waits for the one before it. */
function pipeline({ port }: TestServer, requests: readonly string[]): Socket {
  const stream = connect(port, "127.0.0.1");
  stream.write(requests.map((line) => `${line} HTTP/1.1\r\nhost: a\r\n\r\n`).join(""));
  return stream;
}

describe("requests that come in a row over one TCP connection", () => {
  it("for events leave no member behind when it breaks", async () => {
    const server = await startServer();
    const stream = pipeline(server, Array(3).fill("GET /rooms/a/events"));
    const { sockets } = server.commonroom.io.of("/");
    await until("the first stream", () => sockets.size > 0);
    stream.destroy();
    await until("the members to be gone", () => sockets.size === 0);
    // Those behind it would have come in by now: this one came later.
    await (await fetch(`${server.url}/health`)).text();
    expect(sockets.size).toBe(0);
  });

  it("are answered each in its turn", async () => {
    const server = await startServer();
    const stream = pipeline(server, ["GET /health", "GET /socket/longpoll?vsn=2.0.0"]);
    let text = "";
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    await until("both answers", () => /"connections".*"status":410/s.test(text));
    stream.destroy();
  });

  it("for messages take none along that they cannot bring", async () => {
    const server = await startServer({ rooms: [{ match: "*", presence: false }] });
    const client = await openSession(server);
    const { pathname, search } = new URL(client.ownUrl);
    const poll = `GET ${pathname}${search}`;
    const stream = pipeline(server, ["GET /rooms/a/events", poll]);
    await until("the stream", () => server.commonroom.io.of("/").sockets.size === 2);
    stream.destroy();
    await until("its end", () => server.commonroom.io.of("/").sockets.size === 1);
    await client.postLines(["1", "1", "room:a", "phx_join", {}]);
    expect(await pollInBackground(client)).toMatchObject({ status: 200 });
  });
});
