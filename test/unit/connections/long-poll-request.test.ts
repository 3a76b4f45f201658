import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { framesOf } from "../../../server/connections/long-poll-body.ts";
import { forgetSession, sessionTokenOf } from "../../../server/connections/long-poll-request.ts";
import { createLongPollToken } from "../../../server/connections/long-poll-token.ts";

const LINES = "application/x-ndjson";
const session = createLongPollToken();

function requestOf(url: string, headers: Record<string, string> = {}): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.url = url;
  request.headers = headers;
  return request;
}

describe("the token of a session", () => {
  it("is 192 random bits, and fits into a query as it is", () => {
    expect(session).toMatch(/^lp-[A-Za-z0-9_-]{32}$/);
    expect(createLongPollToken()).not.toBe(session);
    expect(createLongPollToken((bytes) => Buffer.alloc(bytes))).toBe(`lp-${"A".repeat(32)}`);
  });

  it.each([
    ["/longpoll", {}, undefined],
    ["/longpoll?token=a", {}, "a"],
    ["/longpoll?token=a&token=b", {}, "b"],
    ["/longpoll?token=a", { "x-phoenix-longpoll-token": "c" }, "c"],
    ["http://[/longpoll?token=a", {}, undefined],
  ])("of %s with the headers %o is %s", (url, headers, token) => {
    expect(sessionTokenOf(requestOf(url, headers))).toBe(token);
  });

  it.each([
    [`/longpoll?vsn=2.0.0&token=${session}`, "/longpoll?vsn=2.0.0"],
    [`/longpoll?token=mine&vsn=2.0.0&token=${session}`, "/longpoll?token=mine&vsn=2.0.0"],
    ["/longpoll?a=%20&token=null", "/longpoll?a=+"],
    ["/longpoll?a=%20&token=mine&", "/longpoll?a=%20&token=mine&"],
  ])("is no part of the request %s that opens another", (url, left) => {
    const request = requestOf(url);
    forgetSession(request);
    expect(request.url).toBe(left);
  });
});

describe("the body of a long-poll request", () => {
  it.each([
    ["", []],
    ["\n\r\n \n", []],
    ["[1]\n[2]\r\n\n{}", ["[1]", "[2]", "{}"]],
    ["AQID\nAQI=\nAQI", [Buffer.from([1, 2, 3]), Buffer.from([1, 2]), Buffer.from([1, 2])]],
    ["A", [undefined]],
    ["A-_A", [undefined]],
    ["hello", [undefined]],
  ])("%j of lines is read as %o", (body, frames) => {
    expect([...framesOf(LINES, Buffer.from(body))]).toEqual(frames);
    expect([...framesOf(`${LINES.toUpperCase()}; charset=utf-8`, Buffer.from(body))]).toEqual(
      frames,
    );
  });

  it("of another type is one frame as it is", () => {
    expect([...framesOf("application/json", Buffer.from("a\nb"))]).toEqual(["a\nb"]);
    expect([...framesOf(undefined, Buffer.alloc(0))]).toEqual([""]);
  });

  it("that is not UTF-8 is no frame", () => {
    expect([...framesOf(LINES, Buffer.from([0xff]))]).toEqual([undefined]);
  });
});
