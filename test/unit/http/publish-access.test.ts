import { describe, expect, it } from "vitest";
import { signToken } from "../../../server/auth/token.ts";
import { createVerifier } from "../../../server/auth/token-verifier.ts";
import { bearer, publish } from "../../support/publish.ts";
import { nowMs, secret, serve } from "./serve.ts";

const key = "key-0123456789abcdef";
const otherKey = "schlüssel-0123456789";

interface House {
  readonly isOpenHouse?: boolean;
  readonly loopbackOnly?: boolean;
}

/** Serves a room `a`, and any others, to whoever may publish there. */
function serveHouse({ isOpenHouse = false, loopbackOnly = true }: House = {}) {
  return serve({
    loopbackOnly,
    auth: { apiKeys: [key, otherKey] },
    publishing: {
      isOpenHouse,
      verify: createVerifier({ secret, leewaySecs: 0 }, () => nowMs),
      publish: ({ room }, mayPublish) => {
        const name = String(room);
        if (!mayPublish(name)) return { ok: false, code: "room_forbidden" };
        return { ok: true, room: name, event: "message", members: 0 };
      },
    },
  });
}

const message = { room: "chat:1", payload: {} };

function token(claims: { channel?: string; publish?: string | string[] }, ttlSecs = 60): string {
  return signToken({ id: "ci", ...claims }, secret, ttlSecs, nowMs);
}

describe("who may publish", () => {
  it.each([
    ["an API key", key],
    ["another API key, beyond ASCII", Buffer.from(otherKey).toString("latin1")],
    ["a token for this room", token({ publish: "chat:1" })],
    ["a token for its pattern", token({ publish: "chat:*" })],
    ["a token for several", token({ publish: ["x", "chat:1"] })],
    ["a token that opens other rooms", token({ publish: "*", channel: "x" })],
  ])("%s", async (_name, credential) => {
    expect((await publish(await serveHouse(), message, bearer(credential))).status).toBe(200);
  });

  it("the scheme may be written in small letters", async () => {
    const served = await serveHouse();
    const headers = { authorization: `bearer ${token({ publish: "*" })}` };
    expect((await publish(served, message, headers)).status).toBe(200);
  });

  it("nobody needs anything in an open house on loopback", async () => {
    const served = await serveHouse({ isOpenHouse: true });
    expect((await publish(served, message)).status).toBe(200);
  });
});

describe("who may not", () => {
  it.each([
    ["without a credential", {}, "token_missing"],
    ["with another key", bearer("key-0123456789abcdeX"), "token_invalid"],
    ["with a key and more", bearer(`${key}x`), "token_invalid"],
    ["with an empty credential", { authorization: "Bearer " }, "token_invalid"],
    ["with another scheme", { authorization: `Basic ${key}` }, "token_invalid"],
    [
      "with a token in another scheme",
      { authorization: `Basic ${token({ publish: "*" })}` },
      "token_invalid",
    ],
    ["without a scheme", { authorization: key }, "token_invalid"],
    ["with a token that was changed", bearer(`${token({ publish: "*" })}x`), "token_invalid"],
    ["with a token that is over", bearer(token({ publish: "*" }, -1)), "token_expired"],
  ])("%s is told so with 401", async (_name, headers, code) => {
    const answer = await publish(await serveHouse(), message, headers);
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ code });
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  });

  it.each([
    ["a token for joining only", token({ channel: "chat:1" })],
    ["a token for other rooms", token({ publish: ["chat", "chat:2", "chat:1:*"] })],
  ])("%s is told so with 403", async (_name, credential) => {
    const answer = await publish(await serveHouse(), message, bearer(credential));
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject({ code: "room_forbidden" });
  });

  it.each(["wrong", token({ channel: "chat:1" }), token({ publish: "*" }, -1)])(
    "a credential that is given in an open house must be good: %s",
    async (credential) => {
      const served = await serveHouse({ isOpenHouse: true });
      expect([401, 403]).toContain((await publish(served, message, bearer(credential))).status);
    },
  );

  it("an open house that is not on loopback needs a credential", async () => {
    const served = await serveHouse({ isOpenHouse: true, loopbackOnly: false });
    expect((await publish(served, message)).status).toBe(401);
    expect((await publish(served, message, bearer(key))).status).toBe(200);
  });

  it("learns nothing about the body", async () => {
    const served = await serveHouse();
    expect((await publish(served, "{")).status).toBe(401);
    expect((await publish(served, "{", { "content-type": "text/plain" })).status).toBe(401);
    expect((await publish(served, "x".repeat(10_000))).status).toBe(401);
  });

  it("is refused message by message in a batch", async () => {
    const batch = ["chat:1", "other", "chat:2"].map((room) => ({ room, payload: 1 }));
    const answer = await publish(await serveHouse(), batch, bearer(token({ publish: "chat:*" })));
    expect(answer).toMatchObject({
      status: 200,
      body: { results: [{ room: "chat:1" }, { error: { code: "room_forbidden" } }, {}] },
    });
  });
});
