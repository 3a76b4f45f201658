import { describe, expect, it } from "vitest";
import { startServer } from "../../support/server.ts";

const ours = { origin: "https://ours.example" };
const theirs = { origin: "https://theirs.example" };
const json = { "content-type": "application/json" };
const REFUSED = { reason: "origin not allowed", code: "origin_refused" };

interface Asking {
  readonly path: string;
  readonly body?: object;
}

const askings: readonly Asking[] = [
  { path: "/token", body: { channel: "lobby" } },
  { path: "/publish", body: { room: "lobby", payload: {} } },
  { path: "/rooms/lobby/log" },
  { path: "/rooms/lobby/presence" },
];

/** A server with a list of pages that may connect. */
async function start(checkOrigin: boolean | string[] = ["//ours.example"]) {
  const room = { match: "*", log: { size: 10, ttl: "1h" } };
  const { url } = await startServer({ rooms: [room], auth: { checkOrigin } });
  return ({ path, body }: Asking, headers: object): Promise<Response> =>
    fetch(url + path, {
      headers: { ...json, ...headers },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
}

describe("where check_origin is set", () => {
  it.each(askings)("a page that may not connect gets nothing of $path", async (asking) => {
    const ask = await start();
    const answer = await ask(asking, theirs);
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([403, null]);
    const text = await answer.text();
    if (asking.path === "/token") expect(text).toBe(REFUSED.reason);
    else expect(JSON.parse(text)).toEqual(REFUSED);
  });

  it.each(askings)(
    "a page that may connect, and a program, are answered at $path",
    async (asking) => {
      const ask = await start();
      const answer = await ask(asking, ours);
      expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([
        200,
        "*",
      ]);
      expect(answer.headers.get("vary")).toBe("origin");
      expect((await ask(asking, {})).status).toBe(200);
    },
  );

  it("a page that may not connect gets no answer as a ColonyOS client either", async () => {
    const { url } = await startServer({ auth: { checkOrigin: ["//ours.example"] } });
    const statusFor = async (headers: object): Promise<number> =>
      (await fetch(`${url}/api`, { method: "POST", body: "{}", headers: { ...headers } })).status;
    expect(await statusFor(theirs)).toBe(403);
    expect([await statusFor(ours), await statusFor({})]).not.toContain(403);
  });

  it("a page that may not connect may not ask with a token either", async () => {
    const { url } = await startServer({ auth: { checkOrigin: ["//ours.example"] } });
    const preflight = (headers: object): Promise<Response> =>
      fetch(`${url}/publish`, { method: "OPTIONS", headers: { ...headers } });
    const answers = [await preflight(ours), await preflight(theirs)];
    expect(answers.map(({ headers }) => headers.get("access-control-allow-headers"))).toEqual([
      "*, authorization",
      null,
    ]);
  });

  it("true stands for pages of the host of the public address", async () => {
    const { port } = await startServer({
      publicUrl: "https://rooms.example",
      auth: { checkOrigin: true, apiKeys: ["0123456789abcdef"] },
    });
    const ask = async (origin: string): Promise<number> =>
      (await fetch(`http://127.0.0.1:${port}/rooms/a/presence`, { headers: { origin } })).status;
    expect(await ask("https://rooms.example")).toBe(200);
    expect(await ask("https://theirs.example")).toBe(403);
  });
});

it("where check_origin is off, every page is answered", async () => {
  const ask = await start(false);
  for (const asking of askings) expect((await ask(asking, theirs)).status).toBe(200);
});
