import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { RequestRelay } from "../../../server/workers/request-relay.ts";
import { until } from "../../support/until.ts";

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** A worker that passes all requests on to another one. */
async function setUp(answer: Parameters<typeof createServer>[1]) {
  const owner = createServer(answer);
  const connections = new Set<object>();
  owner.on("connection", (socket) => connections.add(socket));
  const ownerPort = await listening(owner);
  let isClosing = false;
  const relay = new RequestRelay(() => isClosing);
  onTestFinished(() => relay.close());
  const passing = createServer((incoming, response) => relay.pass(incoming, response, ownerPort));
  const url = `http://127.0.0.1:${await listening(passing)}`;
  const close = (): void => {
    isClosing = true;
  };
  return { url, owner, connections, close };
}

describe("a request that is passed on", () => {
  it("arrives with its method, path, headers and body, and its answer comes back", async () => {
    const seen: IncomingMessage[] = [];
    const { url } = await setUp((incoming, response) => {
      seen.push(incoming);
      response.writeHead(201, { "X-Own": "yes", "set-cookie": ["a=1", "b=2"] });
      incoming.pipe(response);
    });
    const answer = await fetch(`${url}/a?b=%20c`, {
      method: "POST",
      headers: { "x-given": "é", authorization: "Bearer t" },
      body: "the body",
    });
    expect([answer.status, answer.headers.get("x-own")]).toEqual([201, "yes"]);
    expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(await answer.text()).toBe("the body");
    expect(seen[0]).toMatchObject({
      method: "POST",
      url: "/a?b=%20c",
      headers: { "x-given": "é", authorization: "Bearer t", host: new URL(url).host },
    });
  });

  it("leaves out what was said of the client's own connection", async () => {
    const seen: IncomingMessage[] = [];
    const { url } = await setUp((incoming, response) => {
      seen.push(incoming);
      response.end();
    });
    const headers = { connection: "close, x-mine", "x-mine": "1", te: "trailers", "x-own": "2" };
    const asked = request(url, { headers });
    asked.end();
    await once(asked, "response");
    expect(seen[0]?.headers).toMatchObject({ connection: "keep-alive", "x-own": "2" });
    for (const name of ["x-mine", "te"]) expect(seen[0]?.headers).not.toHaveProperty(name);
  });

  it("uses one connection for one request after the other", async () => {
    const { url, connections } = await setUp((_incoming, response) => response.end("ok"));
    for (let n = 0; n < 5; n += 1) {
      expect(await (await fetch(url)).text()).toBe("ok");
      expect(await (await fetch(url, { method: "POST", body: "x" })).text()).toBe("ok");
    }
    expect(connections.size).toBe(1);
  });

  it("ends with its client", async () => {
    const events: string[] = [];
    const { url } = await setUp((_incoming, response) => {
      events.push("asked");
      response.on("close", () => events.push("ended"));
    });
    const asked = request(url);
    asked.on("error", () => {});
    asked.end();
    await until("the request", () => events.includes("asked"));
    asked.destroy();
    await until("its end at the owner", () => events.includes("ended"));
  });

  it("is answered 503 without a body when its owner has just ended", async () => {
    const { url, owner } = await setUp((_incoming, response) => response.destroy());
    const cut = await fetch(url);
    expect([cut.status, await cut.text()]).toEqual([503, ""]);
    owner.close();
    owner.closeAllConnections();
    const gone = await fetch(url);
    expect([gone.status, gone.headers.get("connection")]).toEqual([503, "close"]);
  });

  it("is the last of its connection when its owner says so, or this worker is about to end", async () => {
    let isLast: boolean = true;
    const { url, close } = await setUp((_incoming, response) => {
      if (isLast) response.setHeader("connection", "close");
      response.end("ok");
    });
    expect((await fetch(url)).headers.get("connection")).toBe("close");
    isLast = false;
    expect((await fetch(url)).headers.get("connection")).toBe("keep-alive");
    close();
    expect((await fetch(url)).headers.get("connection")).toBe("close");
  });

  it("that came behind another one does not outlive its client", async () => {
    const open = new Set<string>();
    const { url } = await setUp((incoming) => {
      open.add(incoming.url ?? "");
      incoming.on("close", () => open.delete(incoming.url ?? ""));
    });
    const client = connect(Number(new URL(url).port), "127.0.0.1");
    const head = (path: string) => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`;
    client.write(head("/first") + head("/second"));
    await until("the first", () => open.has("/first"));
    client.destroy();
    await until("no request", () => open.size === 0);
  });
});
