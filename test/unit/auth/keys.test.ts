import { describe, expect, it } from "vitest";
import { createKeys, createRunSecret } from "../../../server/auth/keys.ts";
import { type CommonroomOptions, optionsSchema } from "../../../server/options.ts";

function keysOf(auth: CommonroomOptions["auth"], runSecret?: string) {
  return createKeys(optionsSchema.parse({ auth }).auth, runSecret);
}

describe("the keys of a server", () => {
  it("are the configured secret, and the house is not open", () => {
    expect(keysOf({ jwtSecret: "secret" }, "run")).toEqual({
      secret: "secret",
      publicKey: undefined,
      isOpenHouse: false,
    });
  });

  it("are a public key alone where no secret is configured: then nobody can sign with a secret", () => {
    expect(keysOf({ jwtPublicKey: "PEM" }, "run")).toEqual({
      secret: undefined,
      publicKey: "PEM",
      isOpenHouse: false,
    });
  });

  it("are both where both are configured", () => {
    expect(keysOf({ jwtSecret: "secret", jwtPublicKey: "PEM" })).toEqual({
      secret: "secret",
      publicKey: "PEM",
      isOpenHouse: false,
    });
  });

  it("are the secret of this run in an open house", () => {
    expect(keysOf({}, "run")).toEqual({ secret: "run", publicKey: undefined, isOpenHouse: true });
  });

  it("are made anew for each run, 32 random bytes as text that fits everywhere", () => {
    const secret = createRunSecret();
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(createRunSecret()).not.toBe(secret);
    expect(keysOf({}).secret).not.toBe(keysOf({}).secret);
  });
});
