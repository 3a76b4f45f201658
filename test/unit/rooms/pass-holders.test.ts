import { describe, expect, it } from "vitest";
import type { Admit } from "../../../server/rooms/admission.ts";
import { Passes } from "../../../server/rooms/passes.ts";

const passes = new Passes(Buffer.alloc(32, 1));

describe("the holder of a pass", () => {
  const asked: unknown[] = [];
  const refuse: Admit = (room, credentials) => {
    asked.push([room, credentials]);
    return { ok: false, code: "token_invalid" };
  };
  const admit = passes.admitting(refuse);
  const pass = passes.passFor("ann");
  const ann = { ok: true, id: "ann", expiresAtMs: undefined };

  it("may join any room, for good, by the join's pass or by the connection's", () => {
    expect(admit("a", { joinToken: pass, connectionToken: undefined })).toEqual(ann);
    expect(admit("b", { joinToken: undefined, connectionToken: pass })).toEqual(ann);
    const bob = passes.passFor("bob");
    expect(admit("a", { joinToken: bob, connectionToken: pass })).toEqual({ ...ann, id: "bob" });
    expect(asked).toEqual([]);
  });

  it("is judged like all others where the join brings a token of its own", () => {
    const credentials = { joinToken: "token", connectionToken: pass };
    expect(admit("a", credentials)).toEqual({ ok: false, code: "token_invalid" });
    expect(asked).toEqual([["a", credentials]]);
  });

  it("shows what looks like no token: it begins with a word of its own", () => {
    expect(pass).toMatch(/^pass\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}$/);
    expect(passes.userOf(pass.slice("pass".length))).toBeUndefined();
    expect(passes.userOf(`token${pass.slice("pass".length)}`)).toBeUndefined();
  });
});
