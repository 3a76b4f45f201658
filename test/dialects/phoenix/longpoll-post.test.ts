import { describe, expect, it } from "vitest";
import {
  joinSession,
  longPollAddress,
  openLongPoll,
  openSession,
  pollInBackground,
  statusOf,
} from "../../support/long-poll-client.ts";
import { startServer } from "../../support/server.ts";
import { within } from "../../support/until.ts";

const quiet = { rooms: [{ match: "*", presence: false }] };
const ok = { status: "ok", response: {} };
const join = ["1", "1", "room:a", "phx_join", {}];

describe("a POST", () => {
  it("handles its lines in order, and is answered 200 also where a reply is an error", async () => {
    const client = await openSession(await startServer(quiet));
    const stale = ["0", "3", "room:a", "hi", {}];
    const answer = await client.postLines(join, ["1", "2", "nope", "hi", {}], stale);
    expect(answer).toEqual({ status: 200 });
    expect(await client.frames()).toMatchObject([
      ["1", "1", "room:a", "phx_reply", { status: "ok" }],
      [null, "2", "nope", "phx_reply", { status: "error" }],
    ]);
  });

  it.each([undefined, "application/json", "text/plain", "application/octet-stream"])(
    "of type %s is one frame",
    async (contentType) => {
      const client = await openSession(await startServer(quiet));
      const frame = ' [null,\n"1","phoenix","heartbeat",{}]\n';
      expect(await client.post(frame, { contentType })).toEqual({ status: 200 });
      expect(await client.frames()).toHaveLength(1);
    },
  );

  it("of V1 is an object, alone or as a line", async () => {
    const server = await startServer(quiet);
    const client = await openLongPoll(`${server.url}/socket/longpoll?vsn=1.0.0`);
    const frame = '{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1"}';
    expect(await client.post(frame)).toEqual({ status: 200 });
    expect(await client.postLines(frame, frame)).toEqual({ status: 200 });
    const reply = { topic: "phoenix", event: "phx_reply", ref: "1", payload: ok };
    expect(await client.frames()).toEqual([reply, reply, reply]);
  });

  it.each([
    ["an array, which is V2", '[null,"1","phoenix","heartbeat",{}]'],
    ["an object with a topic, which is V1", '{"topic":"a","event":"b","payload":{},"ref":"1"}'],
  ])("to a session without a vsn begins with %s", async (_what, frame) => {
    const server = await startServer();
    const client = await openLongPoll(`${server.url}/socket/longpoll?x=1`);
    expect(await client.post(frame)).toEqual({ status: 200 });
    expect(await client.frames()).toHaveLength(1);
  });

  it("may have empty lines, and lines that end in CRLF", async () => {
    const client = await openSession(await startServer(quiet));
    const heartbeat = '[null,"1","phoenix","heartbeat",{}]';
    expect(await client.postLines("", `${heartbeat}\r`, "", heartbeat, "", "")).toEqual({
      status: 200,
    });
    expect(await client.frames()).toHaveLength(2);
    expect(await client.postLines("")).toEqual({ status: 200 });
  });

  it("has its first hundred lines handled, and the rest left without an answer", async () => {
    const client = await openSession(await startServer(quiet));
    const lines = Array.from({ length: 101 }, (_, n) => [null, n, "phoenix", "heartbeat", {}]);
    expect(await client.postLines(...lines)).toEqual({ status: 200 });
    const frames = await client.frames();
    expect(frames.map((frame) => Array.isArray(frame) && frame[1])).toEqual(
      Array.from({ length: 100 }, (_, n) => n),
    );
  });

  it.each([
    ["text that is not JSON", "[not json"],
    ["an object, to V2,", "{}"],
    ["four elements", '["1","2","a","b"]'],
    ["a line that is not base64", "hello world"],
    ["base64 of no binary frame", "AQIDBAU="],
    ["base64 that is cut off", "AAAAA"],
  ])("with %s ends the session, and is answered at once", async (_what, line) => {
    const server = await startServer(quiet);
    const client = await joinSession(server);
    const waiting = pollInBackground(client);
    await statusOf(client);
    expect(await within("an answer", client.postLines(line, join), 2000)).toEqual({ status: 410 });
    expect(await within("the GET", waiting, 2000)).toMatchObject({ status: 204 });
    expect(await client.get()).toMatchObject({ status: 410 });
    expect(server.commonroom.status().counters.badFrames).toBe(1);
  });

  it("that is not UTF-8 ends the session", async () => {
    const client = await openSession(await startServer(quiet));
    expect(await client.post(Buffer.from([0x5b, 0xff, 0x5d]))).toEqual({ status: 410 });
  });

  it.each(["", "&token=", "&token=null", "&token=forged", `&token=lp-${"A".repeat(32)}`])(
    "with the token %j is answered 410",
    async (token) => {
      const server = await startServer();
      const answer = await fetch(longPollAddress(server) + token, { method: "POST", body: "[]" });
      expect([answer.status, await answer.json()]).toEqual([200, { status: 410 }]);
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
      expect(server.commonroom.status().connections).toBe(0);
    },
  );

  it("over the limit of a frame is answered with HTTP 413, and the session lives", async () => {
    const server = await startServer({ ...quiet, limits: { maxFrameBytes: 1000 } });
    const client = await openSession(server);
    const body = JSON.stringify([null, "1", "phoenix", "heartbeat", "x".repeat(1000)]);
    const answer = await fetch(client.ownUrl, { method: "POST", body });
    expect(answer.status).toBe(413);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(await statusOf(client)).toBe(200);
  });
});

describe("another method", () => {
  it("OPTIONS is answered 200, empty, with the headers that were asked for", async () => {
    const { url } = await startServer();
    const answer = await fetch(`${url}/socket/longpoll`, {
      method: "OPTIONS",
      headers: {
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type, x-other",
      },
    });
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
    expect(answer.headers.get("access-control-allow-headers")).toBe("content-type, x-other");
    expect(answer.headers.get("access-control-allow-methods")).toBe("get, post, options");
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("access-control-max-age")).toBe("3600");
  });

  it.each(["PUT", "DELETE", "HEAD", "PATCH"])("%s is answered 400, empty", async (method) => {
    const { url, commonroom } = await startServer();
    const answer = await fetch(`${url}/socket/longpoll?vsn=2.0.0`, { method });
    expect([answer.status, await answer.text()]).toEqual([400, ""]);
    expect(commonroom.status().connections).toBe(0);
  });
});
