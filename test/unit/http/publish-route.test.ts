import { describe, expect, it } from "vitest";
import { createVerifier } from "../../../server/auth/token-verifier.ts";
import { refusals } from "../../../server/index.ts";
import { jsonTextOf } from "../../../server/json-text.ts";
import { publish } from "../../support/publish.ts";
import { nowMs, secret, send, serve } from "./serve.ts";

/** Serves with a room that takes everything, and keeps what it was given. */
async function serveRoom() {
  const given: unknown[] = [];
  const served = await serve({
    publishing: {
      isOpenHouse: true,
      verify: createVerifier({ secret, leewaySecs: 0 }, () => nowMs),
      publish: ({ room, event, payload, except }) => {
        given.push([room, event, jsonTextOf(payload), ...except]);
        if (room === "forbidden") return { ok: false, code: "room_forbidden" };
        return { ok: true, room: String(room), event: String(event), members: given.length };
      },
    },
  });
  return { ...served, given };
}

function refusalOf(code: keyof typeof refusals) {
  return { reason: refusals[code].reason, code };
}

describe("a message", () => {
  it("is answered with its room, its event and the number of members", async () => {
    const served = await serveRoom();
    const answer = await publish(served, { room: "a", event: "tick", payload: {} });
    expect(answer.status).toBe(200);
    expect(answer.body).toStrictEqual({ room: "a", event: "tick", members: 1 });
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  });

  it.each([
    ['{"room":"a","payload":{"n":1.0}}', '{"n":1.0}'],
    ['{"room":"a","payload":  { "n" : 1 } \n}', '{ "n" : 1 }'],
    ['{"room":"a","payload":9007199254740993}', "9007199254740993"],
    ['{"room":"a","payload":"x"}', '"x"'],
    ['{"room":"a","payload":null}', "null"],
    ['{"room":"a","payload":[1E5]}', "[1E5]"],
    ['{"room":"a","p\\u0061yload":false}', "false"],
    ['{"room":"a","payload":1,"payload":2.0}', "2.0"],
    ['{"payload":"\\u00e9\\ud800","room":"a"}', '"\\u00e9\\ud800"'],
    ['{"room":"a","payload":1e999}', "1e999"],
  ])("%s has the payload %s, as it was written", async (body, payload) => {
    const served = await serveRoom();
    expect((await publish(served, body)).status).toBe(200);
    expect(served.given).toEqual([["a", "message", payload]]);
  });

  it.each([
    ["a", ["a"]],
    [
      ["a", "b:room:1", "a"],
      ["a", "b:room:1"],
    ],
    [[], []],
  ])("leaves out %j", async (except, expected) => {
    const served = await serveRoom();
    await publish(served, { room: "a", payload: 1, except });
    expect(served.given).toEqual([["a", "message", "1", ...expected]]);
  });

  it("may have other members, which are ignored", async () => {
    const served = await serveRoom();
    const body = '{"room":"a","payload":1,"__proto__":{"event":"b"},"to":"c","constructor":1}';
    expect((await publish(served, body)).status).toBe(200);
    expect(served.given).toEqual([["a", "message", "1"]]);
  });

  it.each(["application/json; charset=utf-8", "application/vnd.api+json"])(
    "may come as %s",
    async (type) => {
      const served = await serveRoom();
      const answer = await publish(served, { room: "a", payload: 1 }, { "content-type": type });
      expect(answer.status).toBe(200);
    },
  );

  it("nested 128 deep is taken, 129 deep is not", async () => {
    const served = await serveRoom();
    const nested = (depth: number) =>
      `{"room":"a","payload":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    expect((await publish(served, nested(128))).status).toBe(200);
    const answer = await publish(served, nested(129));
    expect([answer.status, answer.body]).toEqual([422, refusalOf("payload_invalid")]);
  });
});

describe("a body that cannot be sent", () => {
  it.each([
    ["nothing", "", 400, "body_not_json"],
    ["an unclosed object", '{"room":"a","payload":1', 400, "body_not_json"],
    ["NaN as payload", '{"room":"a","payload":NaN}', 400, "body_not_json"],
    ["Infinity as payload", '{"room":"a","payload":-Infinity}', 400, "body_not_json"],
    ["two values", "{}{}", 400, "body_not_json"],
    ["a byte order mark", '\uFEFF{"room":"a","payload":1}', 400, "body_not_json"],
    ["bytes that are not UTF-8", Uint8Array.of(0x22, 0xff, 0x22), 400, "body_not_json"],
    ["too much", JSON.stringify({ room: "a", payload: "x".repeat(5000) }), 413, "too_large"],
    ["a number", "7", 422, "message_invalid"],
    ["null", "null", 422, "message_invalid"],
    ["a string", '"a"', 422, "message_invalid"],
    ["messages that are no list", '{"messages":{}}', 422, "message_invalid"],
    ["messages that are null", '{"messages":null}', 422, "message_invalid"],
    ["no payload", '{"room":"a"}', 422, "payload_missing"],
    ["a payload of another object", '{"room":"a","x":{"payload":1}}', 422, "payload_missing"],
    ["a number to leave out", '{"room":"a","payload":1,"except":1}', 422, "except_invalid"],
    ["null to leave out", '{"room":"a","payload":1,"except":null}', 422, "except_invalid"],
    ["an object to leave out", '{"room":"a","payload":1,"except":{}}', 422, "except_invalid"],
    ["a list with null", '{"room":"a","payload":1,"except":["a",null]}', 422, "except_invalid"],
    ["a room of others", '{"room":"forbidden","payload":1}', 403, "room_forbidden"],
  ] as const)("%s: its status and its reason", async (_name, body, status, code) => {
    const served = await serveRoom();
    const answer = await publish(served, body);
    expect(answer.status).toBe(status);
    expect(answer.body).toStrictEqual(refusalOf(code));
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(served.errors).toStrictEqual([]);
  });

  it.each([
    ["another type", { "content-type": "text/plain" }],
    ["a compressed body", { "content-encoding": "gzip" }],
  ])("%s answers 415", async (_name, headers) => {
    const answer = await publish(await serveRoom(), { room: "a", payload: 1 }, headers);
    expect([answer.status, answer.body]).toEqual([415, refusalOf("content_type_invalid")]);
  });

  it("no body at all answers 400, and a body without a type 415", async () => {
    const served = await serveRoom();
    const headers = { "content-type": "application/json" };
    expect((await send(served, "/publish", { method: "POST", headers })).status).toBe(400);
    expect((await send(served, "/publish", { method: "POST" })).status).toBe(415);
  });

  it.each(["GET", "HEAD", "PUT", "DELETE"])("%s answers 405", async (method) => {
    const answer = await send(await serveRoom(), "/publish", { method });
    expect([answer.status, answer.text, answer.headers.allow]).toEqual([405, "", "POST"]);
  });

  it("a fault of the server answers 500 and is told", async () => {
    const error = new Error("the inside");
    const served = await serve({
      publishing: {
        isOpenHouse: true,
        verify: () => ({ ok: false, code: "token_invalid" }),
        publish: () => {
          throw error;
        },
      },
    });
    const sent = { method: "POST", body: '{"room":"a","payload":1}' };
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${served.url}/publish`, { ...sent, headers });
    expect([response.status, await response.text()]).toEqual([500, "internal error"]);
    expect(served.errors).toStrictEqual([error]);
  });

  it("without publishing the address does not exist", async () => {
    expect((await send(await serve(), "/publish", { method: "POST" })).status).toBe(404);
  });
});

describe("a batch", () => {
  const batch = `[
    {"room":"a","payload": 1.0 },
    {"room":"b","event":"tick","payload":"]"},
    7,
    {"room":"forbidden","payload":null},
    {"room":"a"},
    {"room":"a","payload":2.50,"except":["x"]}
  ]`;

  it.each([
    ["a list", batch],
    ["an object with messages", `{"other": [[]], "messages": ${batch} }`],
    ["messages that are named twice", `{"messages":[7],"mess\\u0061ges":${batch}}`],
  ])("as %s is done in order, and each message has its own result", async (_name, body) => {
    const served = await serveRoom();
    const answer = await publish(served, body);
    expect(answer.status).toBe(200);
    expect(answer.body).toStrictEqual({
      results: [
        { room: "a", event: "message", members: 1 },
        { room: "b", event: "tick", members: 2 },
        { error: refusalOf("message_invalid") },
        { error: refusalOf("room_forbidden") },
        { error: refusalOf("payload_missing") },
        { room: "a", event: "message", members: 4 },
      ],
    });
    expect(served.given).toEqual([
      ["a", "message", "1.0"],
      ["b", "tick", '"]"'],
      ["forbidden", "message", "null"],
      ["a", "message", "2.50", "x"],
    ]);
  });

  it("may be empty", async () => {
    const answer = await publish(await serveRoom(), []);
    expect([answer.status, answer.body]).toEqual([200, { results: [] }]);
  });

  it("holds 1,000 messages and no more", async () => {
    const served = await serveRoom();
    const thousand = JSON.stringify(Array.from({ length: 1000 }, () => 1));
    expect(await publish(served, thousand)).toMatchObject({ status: 200 });
    const more = `{"messages":[1,${thousand.slice(1)}}`;
    const answer = await publish(served, more);
    expect([answer.status, answer.body]).toEqual([422, refusalOf("messages_exhausted")]);
  });
});
