import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Api, type ApiHandlers } from "../../../../server/dialects/colonies/api.ts";
import { done, failed } from "../../../../server/dialects/colonies/wire/outcome.ts";
import type { Call, Request } from "../../../../server/dialects/colonies/wire/request.ts";
import { RecordsUnavailable } from "../../../../server/records/record-store.ts";
import { readReply } from "../../../support/colonies-signing.ts";

const SIGNER = "a".repeat(64);
const never = new AbortController().signal;

/** An API whose only handler is for `getprocessmsg`. */
function createApi(answer: (request: Request, call: Call) => unknown) {
  const crashes: unknown[] = [];
  const handlers = {
    getprocessmsg: async (request: Request, call: Call) => answer(request, call),
  } as unknown as ApiHandlers;
  const signer = async (_payload: string, signature: string) =>
    signature === "bad"
      ? ({ ok: false, status: 403, text: "Invalid signature length" } as const)
      : ({ ok: true, id: SIGNER } as const);
  const api = new Api({
    signatures: { signer },
    handlers,
    onCrash: (error) => crashes.push(error),
  });
  const ask = async (body: Buffer | string) => {
    const { status, text } = await api.answer(body, never);
    return { status, ...readReply(text) };
  };
  return { api, ask, crashes };
}

function envelope(payloadtype: string, inner: object, signature = "good"): string {
  const payload = Buffer.from(JSON.stringify(inner)).toString("base64");
  return JSON.stringify({ payloadtype, payload, signature });
}

const request = envelope("getprocessmsg", { msgtype: "getprocessmsg", processid: "p" });

function failure(status: number, message: string): object {
  return { status, payloadtype: "error", error: true, inner: { status, message } };
}

describe("POST /api", () => {
  it("gives a request to the handler of its type, with whoever signed it", async () => {
    const { ask } = createApi((given, call) => done({ given, call: call.signer }));
    const given = { msgtype: "getprocessmsg", processid: "p" };
    const good = { status: 200, payloadtype: "getprocessmsg", error: false };
    expect(await ask(request)).toEqual({ ...good, inner: { given, call: SIGNER } });
    expect(await ask(Buffer.from(request))).toMatchObject(good);
  });

  it("tells a list of nothing from an answer of nothing", async () => {
    expect(await createApi(() => done(null)).ask(request)).toMatchObject({ inner: null });
    expect(await createApi(() => done(undefined)).ask(request)).toMatchObject({ inner: {} });
    const { api } = createApi(() => done({}));
    expect((await api.answer(request, never)).text).toBe(
      '{"payloadtype":"getprocessmsg","payload":"e30=","error":false}',
    );
  });

  it("answers with a handler's failure", async () => {
    const { ask, crashes } = createApi(() => failed(404, "no such thing"));
    expect(await ask(request)).toEqual(failure(404, "no such thing"));
    expect(crashes).toEqual([]);
  });

  it("tells where records cannot be reached, and nothing of other faults", async () => {
    const away = createApi(() => {
      throw new RecordsUnavailable("at /secret");
    });
    expect(await away.ask(request)).toEqual(
      failure(503, "Failed to get process, storage not reachable"),
    );
    expect(away.crashes).toEqual([]);
    const fault = new Error("at /secret");
    const broken = createApi(() => {
      throw fault;
    });
    expect(await broken.ask(request)).toEqual(
      failure(500, "Failed to get process, internal error"),
    );
    expect(broken.crashes).toEqual([fault]);
  });

  it("answers also where an answer cannot be written", async () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    const { ask, crashes } = createApi(() => done(circle));
    expect(await ask(request)).toEqual(failure(500, "Failed to handle request, internal error"));
    expect(crashes).toHaveLength(1);
  });

  it.each([
    ["", 400, "Failed to parse request, invalid JSON"],
    ["[]", 400, "Failed to parse request, invalid JSON"],
    [
      envelope("getprocessmsg", { msgtype: "getprocessmsg" }, "bad"),
      403,
      "Invalid signature length",
    ],
    [envelope("x", { msgtype: "x" }, "bad"), 403, "Invalid signature length"],
    [envelope("x", { msgtype: "x" }), 403, "invalid rpcMsg.PayloadType: x"],
    [envelope("toString", { msgtype: "toString" }), 403, "invalid rpcMsg.PayloadType: toString"],
    [
      envelope("getprocessmsg", { msgtype: "getcoloniesmsg" }),
      400,
      "Failed to get process, msg.MsgType does not match payloadType",
    ],
    [
      envelope("getprocessmsg", { msgtype: "getprocessmsg", processid: 7 }),
      400,
      "Failed to get process, invalid JSON",
    ],
    [
      envelope("subscribeprocessmsg", { msgtype: "subscribeprocessmsg" }),
      403,
      "invalid rpcMsg.PayloadType: subscribeprocessmsg",
    ],
    [
      envelope("subscribechannelmsg", { msgtype: "subscribechannelmsg" }),
      403,
      "invalid rpcMsg.PayloadType: subscribechannelmsg",
    ],
  ])("refuses %j", async (body, status, message) => {
    const { ask } = createApi(() => done("never"));
    expect(await ask(body)).toEqual(failure(status, message));
  });

  it("names what is wrong with a body that HTTP could not read", () => {
    const { api } = createApi(() => done({}));
    const read = (status: number) => {
      const answer = api.unreadable(status);
      return { ...readReply(answer.text), status: answer.status };
    };
    expect(read(413)).toEqual(failure(413, "Failed to parse request, the body is too large"));
    expect(read(400)).toEqual(failure(400, "Failed to parse request, the body cannot be read"));
  });

  it("never rejects, and always answers an envelope", async () => {
    const { ask, crashes } = createApi(() => done({}));
    const bodies = fc.oneof(
      fc.string(),
      fc.json(),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc
        .record({ payloadtype: fc.string(), payload: fc.base64String(), signature: fc.string() })
        .map((value) => JSON.stringify(value)),
      fc.json().map((inner) => envelope("getprocessmsg", { inner })),
    );
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        expect(await ask(body)).toMatchObject({ error: expect.any(Boolean) });
      }),
    );
    expect(crashes).toEqual([]);
  });
});
