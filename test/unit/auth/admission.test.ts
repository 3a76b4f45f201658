import { describe, expect, it } from "vitest";
import { createAdmit } from "../../../server/auth/admission.ts";
import { createKeys } from "../../../server/auth/keys.ts";
import { signToken } from "../../../server/auth/token.ts";
import { type CommonroomOptions, optionsSchema } from "../../../server/options.ts";
import { hmacToken } from "./forge.ts";

const nowMs = 1_700_000_000_000;
const runSecret = "made for this run";

/** Who may join which room: `ask(room, joinToken, connectionToken)`. */
function createHouse(options: CommonroomOptions["auth"]) {
  const { auth } = optionsSchema.parse({ auth: options });
  const admit = createAdmit(auth, createKeys(auth, runSecret), () => nowMs);
  return (room: string, joinToken?: string, connectionToken?: string) =>
    admit(room, { joinToken, connectionToken });
}

function tokenFor(channel: string, secret = "secret", id = "ann"): string {
  return signToken({ id, channel }, secret, 60, nowMs);
}

const guest = { ok: true, id: undefined, expiresAtMs: undefined };

describe("a house with a secret", () => {
  const ask = createHouse({ jwtSecret: "secret", anonymous: ["public:*", "hall"], leewaySecs: 5 });
  const ann = { ok: true, id: "ann", expiresAtMs: nowMs + 65_000 };

  it("refuses a join without a token", () => {
    expect(ask("lobby")).toEqual({ ok: false, code: "token_missing" });
  });

  it("lets anybody into a room that is named as anonymous, without an id and for good", () => {
    expect(ask("public:news")).toEqual(guest);
    expect(ask("hall")).toEqual(guest);
    expect(ask("halls")).toEqual({ ok: false, code: "token_missing" });
  });

  it("lets a member stay until its token expires, and for the leeway after that", () => {
    expect(ask("lobby", tokenFor("lobby"))).toEqual(ann);
    expect(ask("lobby", undefined, tokenFor("lobby"))).toEqual(ann);
  });

  it("counts the leeway for a token that has expired already", () => {
    const token = hmacToken({ id: "ann", channel: "lobby", exp: nowMs / 1000 - 4 });
    expect(ask("lobby", token)).toEqual({ ok: true, id: "ann", expiresAtMs: nowMs + 1000 });
    const older = hmacToken({ id: "ann", channel: "lobby", exp: nowMs / 1000 - 6 });
    expect(ask("lobby", older)).toEqual({ ok: false, code: "token_expired" });
  });

  it("refuses a room that the token does not cover", () => {
    const forbidden = { ok: false, code: "room_forbidden" };
    expect(ask("lobby", tokenFor("other"))).toEqual(forbidden);
    expect(ask("lobby", undefined, tokenFor("other"))).toEqual(forbidden);
  });

  it("counts the join's own token before the connection's", () => {
    const bob = tokenFor("lobby", "secret", "bob");
    expect(ask("lobby", bob, tokenFor("lobby"))).toMatchObject({ ok: true, id: "bob" });
    expect(ask("lobby", tokenFor("other"), tokenFor("lobby"))).toEqual({
      ok: false,
      code: "room_forbidden",
    });
  });

  it("excuses the connection's token in an anonymous room, but not the join's own", () => {
    expect(ask("hall", undefined, tokenFor("lobby"))).toEqual(ann);
    expect(ask("hall", tokenFor("lobby"))).toEqual({ ok: false, code: "room_forbidden" });
  });

  it("refuses a bad token in an anonymous room, too", () => {
    const invalid = { ok: false, code: "token_invalid" };
    expect(ask("hall", undefined, tokenFor("hall", "other secret"))).toEqual(invalid);
    expect(ask("hall", "")).toEqual(invalid);
  });
});

describe("an open house", () => {
  const ask = createHouse({});

  it("lets anybody into any room", () => {
    expect(ask("lobby")).toEqual(guest);
  });

  it("knows the tokens that it has signed itself in this run, and no others", () => {
    expect(ask("lobby", tokenFor("lobby", runSecret))).toMatchObject({ ok: true, id: "ann" });
    expect(ask("lobby", tokenFor("lobby", "secret"))).toEqual({ ok: false, code: "token_invalid" });
  });
});
