import { Router } from "express";
import { describe, expect, it } from "vitest";
import { send, serve } from "./serve.ts";

describe("CORS", () => {
  it.each(["/token", "/health", "/websocket", "/nowhere", "/", "*", "/%ff"])(
    "OPTIONS %s answers 200, empty, with the three headers (H5)",
    async (path) => {
      const headers = { "access-control-request-headers": "x-own", origin: "http://example.org" };
      const answer = await send(await serve(), path, { method: "OPTIONS", headers });
      expect(answer.status).toBe(200);
      expect(answer.text).toBe("");
      expect(answer.headers).toMatchObject({
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "*",
        // `*` alone does not stand for a token.
        "access-control-allow-headers": "*, authorization",
      });
    },
  );

  it.each([
    [200, "GET", "/health"],
    [400, "GET", "/websocket"],
    [400, "GET", "/%ff"],
    [404, "GET", "/nowhere"],
    [405, "GET", "/token"],
    [415, "POST", "/token"],
    [500, "GET", "/broken"],
  ])("a %i may be read by any origin", async (status, method, path) => {
    const answer = await send(await serve({ page: brokenPage() }), path, { method });
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({ "access-control-allow-origin": "*" });
    expect(answer.headers).not.toHaveProperty("access-control-allow-methods");
    expect(answer.headers).not.toHaveProperty("access-control-allow-credentials");
    expect(answer.headers).not.toHaveProperty("x-powered-by");
    expect(answer.headers).not.toHaveProperty("etag");
  });
});

describe("paths and methods", () => {
  it.each(["/", "/nowhere", "/token/", "/Token", "/tokens", "/websocket/", "/health/", "//token"])(
    "GET %s is unknown: 404, empty",
    async (path) => {
      const answer = await send(await serve(), path);
      expect(answer.status).toBe(404);
      expect(answer.text).toBe("");
    },
  );

  it.each(["GET", "HEAD", "PUT", "DELETE", "PATCH"])(
    "%s /token answers 405, empty, and allows POST (H5)",
    async (method) => {
      const answer = await send(await serve(), "/token", { method });
      expect(answer.status).toBe(405);
      expect(answer.headers).toMatchObject({ allow: "POST" });
      expect(answer.text).toBe("");
    },
  );

  it.each(["/%ff", "/token%", "/%E0%A4%A", "/a/%c0%80"])("GET %s answers 400", async (path) => {
    const { url, errors } = await serve();
    const answer = await send({ url, errors }, path);
    expect(answer.status).toBe(400);
    expect(answer.text).toBe("bad percent-encoding in the path");
    expect(errors).toStrictEqual([]);
  });

  it("bad percent-encoding in the query does no harm", async () => {
    expect((await send(await serve(), "/health?a=%ff&b=%")).status).toBe(200);
  });
});

describe("/health", () => {
  it("answers what the context says, each time anew, for no cache to keep", async () => {
    let connections = 0;
    const served = await serve({ health: () => ({ connections: connections++ }) });
    for (const expected of ['{"connections":0}', '{"connections":1}']) {
      const answer = await send(served, "/health");
      expect(answer.status).toBe(200);
      expect(answer.text).toBe(expected);
      expect(answer.headers).toMatchObject({
        "content-type": "application/json",
        "cache-control": "no-store",
      });
    }
  });

  it("HEAD has no body, and POST answers 405", async () => {
    const served = await serve();
    const head = await send(served, "/health", { method: "HEAD" });
    expect([head.status, head.text]).toStrictEqual([200, ""]);
    const post = await send(served, "/health", { method: "POST" });
    expect(post.status).toBe(405);
    expect(post.headers).toMatchObject({ allow: "GET, HEAD" });
  });
});

describe("the page", () => {
  it("answers where no other route does", async () => {
    const page = Router();
    page.get("/", (_request, response) => void response.end("the page"));
    page.get("/token", (_request, response) => void response.end("not this one"));
    const served = await serve({ page });
    expect((await send(served, "/")).text).toBe("the page");
    expect((await send(served, "/token")).status).toBe(405);
    expect((await send(served, "/nowhere")).status).toBe(404);
  });
});

describe("errors", () => {
  it.each(["/broken", "/rejected", "/text", "/status"])(
    "%s answers 500 without a word of the inside, and onError is told",
    async (path) => {
      const { url, errors } = await serve({ page: brokenPage() });
      const answer = await send({ url, errors }, path);
      expect(answer.status).toBe(500);
      expect(answer.text).toBe("internal error");
      expect(answer.headers["content-type"]).toMatch(/^text\/plain/);
      expect(errors).toHaveLength(1);
      expect(String(errors[0])).toContain("the inside");
    },
  );

  it("a health report that throws answers 500", async () => {
    const error = new Error("the inside");
    const { url, errors } = await serve({
      health: () => {
        throw error;
      },
    });
    expect((await send({ url, errors }, "/health")).text).toBe("internal error");
    expect(errors).toStrictEqual([error]);
  });

  it("an answer that breaks off midway is cut, and onError is told", async () => {
    const { url, errors } = await serve({ page: brokenPage() });
    await expect(send({ url, errors }, "/midway")).rejects.toThrow(/aborted|hang up|reset/);
    expect(errors).toHaveLength(1);
  });

  it("a fault of the request keeps its status and is no error of ours", async () => {
    const { url, errors } = await serve({ page: brokenPage() });
    const answer = await send({ url, errors }, "/gone");
    expect([answer.status, answer.text]).toStrictEqual([410, "Gone"]);
    expect(errors).toStrictEqual([]);
  });
});

function brokenPage(): Router {
  const inside = () => new Error("the inside");
  const page = Router();
  page.get("/broken", () => {
    throw inside();
  });
  page.get("/rejected", () => Promise.reject(inside()));
  page.get("/text", () => {
    throw "the inside";
  });
  page.get("/status", () => {
    throw Object.assign(inside(), { status: 200 });
  });
  page.get("/gone", () => {
    throw Object.assign(inside(), { status: 410 });
  });
  page.get("/midway", (_request, response) => {
    response.write("half");
    throw inside();
  });
  return page;
}
