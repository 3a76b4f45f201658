import { describe, expect, it } from "vitest";
import { createVerifier } from "../../../server/auth/token-verifier.ts";
import { nowMs, postToken, secret, serve } from "./serve.ts";

const verify = createVerifier({ secret, leewaySecs: 0 }, () => nowMs);
const badJson = "Failed to parse the request body as JSON: ";
const badShape = "Failed to deserialize the JSON body into the target type: ";

/** The members of a 200 answer, in the order they came. */
async function members(response: Response): Promise<[string, unknown][]> {
  expect(response.status).toBe(200);
  const body: unknown = await response.json();
  if (typeof body !== "object" || body === null) throw new Error("not an object");
  return Object.entries(body);
}

describe("a token", () => {
  it("answers 200 with channel, id and token in this order (H1)", async () => {
    const response = await postToken(await serve(), { channel: "system", id: "client1" });
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("cache-control")).toBe("no-store");
    const [channel, id, token] = await members(response);
    expect(channel).toStrictEqual(["channel", "system"]);
    expect(id).toStrictEqual(["id", "client1"]);
    expect(token?.[0]).toBe("token");
    const expMs = nowMs + 315_360_000_000;
    const expected = {
      ok: true,
      token: { id: "client1", channels: ["system"], publishes: [], expMs },
    };
    expect(verify(String(token?.[1]))).toStrictEqual(expected);
  });

  it.each([
    ["no id", { channel: "room" }],
    ["null as id", { channel: "room", id: null }],
  ])("%s gives a made-up id, in the token too (H2, H3)", async (_name, body) => {
    const [, id, token] = await members(await postToken(await serve(), body));
    expect(id).toStrictEqual(["id", "madeUp01"]);
    expect(verify(String(token?.[1]))).toMatchObject({ token: { id: "madeUp01" } });
  });

  it("an empty id stays empty (H3)", async () => {
    const [, id] = await members(await postToken(await serve(), { channel: "room", id: "" }));
    expect(id).toStrictEqual(["id", ""]);
  });

  it("a list of channels is signed and given back as a list", async () => {
    const channel = ["lobby", "chat:*"];
    const [sentBack, , token] = await members(await postToken(await serve(), { channel, id: "a" }));
    expect(sentBack).toStrictEqual(["channel", channel]);
    expect(verify(String(token?.[1]))).toMatchObject({ token: { channels: channel } });
  });

  it("unknown members are ignored", async () => {
    const body = '{"channel":"room","id":"a","exp":1,"__proto__":{"id":"b"},"constructor":1}';
    const answered = await members(await postToken(await serve(), body));
    expect(answered.map(([name]) => name)).toStrictEqual(["channel", "id", "token"]);
    expect(answered[1]).toStrictEqual(["id", "a"]);
  });

  it("lives as long as the settings say", async () => {
    const served = await serve({ auth: { jwtExpirationSecs: 60 } });
    const [, , token] = await members(await postToken(served, { channel: "room" }));
    expect(verify(String(token?.[1]))).toMatchObject({ token: { expMs: nowMs + 60_000 } });
  });

  it.each([
    "application/json; charset=utf-8",
    "APPLICATION/JSON",
    "application/json ;x=y",
    "application/vnd.api+json",
  ])("content type %s is accepted", async (type) => {
    const response = await postToken(await serve(), { channel: "a" }, { "content-type": type });
    expect(response.status).toBe(200);
  });
});

describe("a body that asks for nothing", () => {
  it.each([
    ["{}", "missing field `channel`"],
    ['{"id":"a"}', "missing field `channel`"],
    ['{"channel":null}', "`channel` must be"],
    ['{"channel":1}', "`channel` must be"],
    ['{"channel":[]}', "`channel` must be"],
    ['{"channel":["a",1]}', "`channel` must be"],
    ['{"channel":{}}', "`channel` must be"],
    ['{"channel":"a","id":1}', "`id` must be"],
    ['{"channel":"a","id":[]}', "`id` must be"],
    ['{"__proto__":{"channel":"a"}}', "missing field `channel`"],
    ["[]", "the body must be"],
    ["null", "the body must be"],
    ["7", "the body must be"],
    ['"channel"', "the body must be"],
  ])("%s answers 422 (H4)", async (body, problem) => {
    const response = await postToken(await serve(), body);
    expect(response.status).toBe(422);
    expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(await response.text()).toMatch(badShape + problem);
  });

  it("a channel too long for a token answers 422", async () => {
    const served = await serve({ maxBodyBytes: 100_000 });
    const response = await postToken(served, { channel: "x".repeat(60_000) });
    expect(response.status).toBe(422);
    expect(await response.text()).toBe(
      `${badShape}the token would be longer than 65536 characters`,
    );
  });

  it.each([
    ["an unclosed object", "{", "syntax error"],
    ["nothing", "", "the body is empty"],
    ["plain text", "hello", "syntax error"],
    ["two values", "{}{}", "syntax error"],
    ["NaN", "NaN", "syntax error"],
    ["a byte order mark", '\uFEFF{"channel":"a"}', "syntax error"],
    ["4096 brackets", "[".repeat(4096), "syntax error"],
    ["bytes that are not UTF-8", Uint8Array.of(0x22, 0xff, 0x22), "the body is not valid UTF-8"],
  ])("%s answers 400 (H4)", async (_name, body, problem) => {
    const response = await postToken(await serve(), body);
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(await response.text()).toBe(badJson + problem);
  });

  it.each(['{"channel":"hunter2', '{"channel":1,"id":"hunter2"}', '{"hunter2":1}', '"hunter2"'])(
    "the answer to %s repeats no part of it",
    async (body) => {
      const response = await postToken(await serve(), body);
      expect(await response.text()).not.toContain("hunter2");
    },
  );

  it.each([
    "",
    "text/plain",
    "text/json",
    "application/jsonp",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    "x-application/json",
    "json",
  ])("content type %j answers 415 (H4)", async (type) => {
    const response = await postToken(await serve(), { channel: "a" }, { "content-type": type });
    expect(response.status).toBe(415);
    expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(await response.text()).toBe("Expected request with `Content-Type: application/json`");
  });

  it("no content type and no body answer 415 (H4)", async () => {
    const response = await fetch(`${(await serve()).url}/token`, { method: "POST" });
    expect(response.status).toBe(415);
  });

  it("a compressed body answers 415", async () => {
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    const response = await postToken(await serve(), "{}", headers);
    expect(response.status).toBe(415);
    expect(await response.text()).toBe("content-encoding not supported");
  });
});

describe("the size of a body", () => {
  const bodyOf = (bytes: number) => `{"channel":"${"x".repeat(bytes - 14)}"}`;

  it("a body of just the limit answers 200", async () => {
    expect((await postToken(await serve(), bodyOf(4096))).status).toBe(200);
  });

  it("a body of one byte more answers 413", async () => {
    const response = await postToken(await serve(), bodyOf(4097));
    expect(response.status).toBe(413);
    expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(await response.text()).toMatch(/^Failed to buffer the request body/);
  });

  it("a body of unknown length that grows too large answers 413", async () => {
    const { url, errors } = await serve();
    const response = await fetch(`${url}/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: new Blob([bodyOf(10_000)]).stream(),
      duplex: "half",
    });
    expect(response.status).toBe(413);
    expect(errors).toStrictEqual([]);
  });
});
