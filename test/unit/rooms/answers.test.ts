import { describe, expect, it } from "vitest";
import { z } from "zod";
import { refusals } from "../../../server/codes.ts";
import { optionsSchema } from "../../../server/options.ts";
import { accept, reject, reply, replyError } from "../../../server/rooms/definition.ts";
import { isEnd } from "../../../server/rooms/own-events.ts";
import { ok, refusal, refuse } from "../../../server/rooms/reply.ts";
import { check } from "../../../server/rooms/schema-check.ts";
import { settingsOf } from "../../../server/rooms/settings.ts";

describe("an answer", () => {
  it("that is good has a response, the empty object where there is nothing to say", () => {
    expect(ok()).toEqual({ status: "ok", response: {} });
    expect(ok({ n: 1 })).toEqual({ status: "ok", response: { n: 1 } });
    expect(reply()).toEqual({ status: "ok", response: {} });
    expect(reply(7)).toEqual({ status: "ok", response: 7 });
  });

  it("that is bad has what the application says of it", () => {
    expect(replyError()).toEqual({ status: "error", response: {} });
    expect(replyError("no")).toEqual({ status: "error", response: "no" });
  });

  it("that refuses has a reason for people and a code for programs", () => {
    const { reason } = refusals.too_large;
    expect(refusal("too_large")).toEqual({ reason, code: "too_large" });
    expect(refuse("too_large", { limit: 7, code: "x" })).toEqual({
      status: "error",
      response: { limit: 7, reason, code: "too_large" },
    });
  });

  it("to a join accepts it with a state, or refuses it with a reason", () => {
    expect(accept(7)).toEqual({ kind: "accepted", state: 7, response: {} });
    expect(accept(7, { n: 1 })).toEqual({ kind: "accepted", state: 7, response: { n: 1 } });
    expect(reject("no")).toEqual({ kind: "refused", response: { reason: "no" } });
    expect(reject("no", { code: "c" })).toEqual({
      kind: "refused",
      response: { reason: "no", code: "c" },
    });
  });

  it("ends a membership with phx_close or phx_error alone", () => {
    expect(["phx_close", "phx_error", "phx_reply"].map(isEnd)).toEqual([true, true, false]);
  });
});

describe("a value that is checked", () => {
  it("is any where there is no schema", () => {
    expect(check(undefined, 7)).toEqual({ ok: true, value: 7 });
  });

  it("is what the schema makes of it", () => {
    expect(check(z.object({ n: z.number().default(1) }), {})).toEqual({
      ok: true,
      value: { n: 1 },
    });
  });

  it("is refused with the path and the message of each mistake", () => {
    const issues = [
      { message: "no path" },
      { message: "keys", path: ["list", 2, { key: "name" }] },
    ];
    const schema = {
      "~standard": { version: 1 as const, vendor: "test", validate: () => ({ issues }) },
    };
    expect(check(schema, {})).toMatchObject({
      ok: false,
      reply: {
        status: "error",
        response: {
          code: "payload_invalid",
          issues: [
            { path: [], message: "no path" },
            { path: ["list", "2", "name"], message: "keys" },
          ],
        },
      },
    });
  });

  it("may take its time", async () => {
    const later = z.number().refine((n) => Promise.resolve(n > 1));
    expect(await check(later, 2)).toEqual({ ok: true, value: 2 });
    expect(await check(later, 1)).toMatchObject({ ok: false });
  });
});

describe("the settings of a room", () => {
  const { rooms } = optionsSchema.parse({
    rooms: [
      { match: "a:*", echo: true },
      { match: "system", deliver: "both" },
    ],
  });

  it("are the first configured ones that match", () => {
    expect(settingsOf(rooms, "a:1")).toMatchObject({ match: "a:*", echo: true });
    expect(settingsOf(rooms, "system").deliver).toBe("both");
  });

  it("are the built-in ones else: system and admin are for backends", () => {
    expect(settingsOf(rooms, "admin")).toMatchObject({ match: "admin", deliver: "backends" });
    expect(settingsOf([], "system")).toMatchObject({ match: "system", deliver: "backends" });
    expect(settingsOf(rooms, "b")).toMatchObject({ match: "*", deliver: "both" });
  });
});
