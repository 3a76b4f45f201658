import express from "express";
import { describe, expect, it, onTestFinished } from "vitest";
import { type CommonroomOptions, createCommonroom } from "../../server/index.ts";
import { publish } from "../support/publish.ts";
import { startServer } from "../support/server.ts";
import { secret, tokenFor } from "../support/tokens.ts";
import { connectLogClient, joinLog } from "./log-client.ts";

const logged: CommonroomOptions = { rooms: [{ match: "log:*", log: { size: 50 } }] };
const ROOM = "log:a";

async function read(
  { url }: { readonly url: string },
  path: string,
  headers: Record<string, string> = {},
) {
  const response = await fetch(`${url}/rooms/${path}`, { headers });
  const text = await response.text();
  return { status: response.status, text, body: text === "" ? undefined : JSON.parse(text) };
}

describe("GET /rooms/<room>/log", () => {
  it("pages through a log, each payload as the text that it was", async () => {
    const server = await startServer(logged);
    const client = await connectLogClient("plain", server);
    const { epoch } = await joinLog(client, ROOM, {});
    const answer = await publish(server, `{"room":"${ROOM}","payload":{"n":1.0}}`);
    expect(answer.body).toEqual({ room: ROOM, event: "message", members: 1, offset: 1 });
    await client.push(ROOM, "said", { text: "hi", _sequence: 7, _inreplyto: 3, _type: "error" });
    server.commonroom.io.to(ROOM).emit("bytes", Buffer.from([1, 2]));
    const { text, body } = await read(server, `${ROOM}/log`);
    expect(text).toContain('"payload":{"n":1.0}');
    const at = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(body).toEqual({
      room: ROOM,
      epoch,
      offset: 3,
      first: 1,
      entries: [
        { offset: 1, event: "message", at, payload: { n: 1 } },
        {
          offset: 2,
          event: "said",
          sender: expect.any(String),
          sequence: 7,
          inreplyto: 3,
          type: "error",
          at,
          payload: { text: "hi" },
        },
        { offset: 3, event: "bytes", at, base64: "AQI=" },
      ],
    });
    const page = await read(server, `${ROOM}/log?after=1&limit=1`);
    expect(page.body.entries).toMatchObject([{ offset: 2 }]);
    expect((await read(server, `${ROOM}/log?after=3`)).body.entries).toEqual([]);
  });

  it("ends a page before it grows too large, with one entry at least", async () => {
    const limits = { maxFrameBytes: 1000 };
    const server = await startServer({ ...logged, limits });
    for (const length of [400, 400, 400, 4000]) {
      server.commonroom.io.to(ROOM).emit("said", { text: "x".repeat(length) });
    }
    const lengths: number[] = [];
    for (let after = 0; after < 4; ) {
      const { body } = await read(server, `${ROOM}/log?after=${after}`);
      lengths.push(body.entries.length);
      after = body.entries.at(-1).offset;
    }
    expect(lengths).toEqual([2, 1, 1]);
  });

  it("answers for a log that has not begun, without beginning it", async () => {
    const server = await startServer(logged);
    const { status, body } = await read(server, "log:new/log");
    expect(status).toBe(200);
    expect(body).toEqual({ room: "log:new", epoch: "", offset: 0, first: 1, entries: [] });
  });

  it.each([
    ["lobby/log", 404, "log_missing"],
    ["phoenix/log", 404, "room_unmatched"],
    [`${"x".repeat(256)}/log`, 422, "room_name_invalid"],
    [`${ROOM}/log?after=-1`, 422, "range_invalid"],
    [`${ROOM}/log?after=1.5`, 422, "range_invalid"],
    [`${ROOM}/log?after=1&after=2`, 422, "range_invalid"],
    [`${ROOM}/log?after=99999999999999999`, 422, "range_invalid"],
    [`${ROOM}/log?limit=0`, 422, "range_invalid"],
    [`${ROOM}/log?limit=1001`, 422, "range_invalid"],
  ])("refuses %s with %i %s", async (path, status, code) => {
    const server = await startServer(logged);
    expect(await read(server, path)).toMatchObject({ status, body: { code } });
  });

  it("answers 405 to other methods", async () => {
    const { url } = await startServer(logged);
    const response = await fetch(`${url}/rooms/${ROOM}/log`, { method: "DELETE" });
    expect(response.status).toBe(405);
  });

  it("is for those who may join the room, by a token in the header or the query", async () => {
    const auth = { jwtSecret: secret, anonymous: ["log:open"] };
    const server = await startServer({ ...logged, auth });
    const good = tokenFor("log:*");
    const wrong = tokenFor("chat:*");
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    expect(await read(server, `${ROOM}/log`)).toMatchObject({ status: 401 });
    expect(await read(server, `${ROOM}/log`, bearer("x"))).toMatchObject({
      status: 401,
      body: { code: "token_invalid" },
    });
    expect(await read(server, `${ROOM}/log`, bearer(wrong))).toMatchObject({
      status: 403,
      body: { code: "room_forbidden" },
    });
    expect((await read(server, `${ROOM}/log`, bearer(good))).status).toBe(200);
    expect((await read(server, `${ROOM}/log?token=${good}`)).status).toBe(200);
    expect((await read(server, "log:open/log")).status).toBe(200);
  });

  it("is not for those who are no members of an application's channel", async () => {
    const server = await startServer();
    server.commonroom.channel("chat:*", { log: { size: 5 } });
    expect(await read(server, "chat:1/log")).toMatchObject({
      status: 403,
      body: { code: "log_private" },
    });
  });

  it("is served at an application's server, which keeps its own paths", async () => {
    const app = express();
    app.get("/rooms/:room", (_request, response) => void response.json({ page: "own" }));
    const http = app.listen(0, "127.0.0.1");
    await new Promise((resolve) => http.once("listening", resolve));
    const commonroom = createCommonroom({ ...logged, logLevel: "silent" });
    await commonroom.attach(http);
    onTestFinished(async () => {
      await commonroom.close();
      http.close();
    });
    const address = http.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const url = `http://127.0.0.1:${port}`;
    expect((await read({ url }, `${ROOM}/log`)).status).toBe(200);
    expect((await read({ url }, ROOM)).body).toEqual({ page: "own" });
  });
});
