import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectSecurely } from "node:tls";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { createCommonroom } from "../../../server/index.ts";
import { joinPlain } from "../../support/plain-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { until, within } from "../../support/until.ts";

const run = promisify(execFile);

/** The status and the body of what curl gets that offers HTTP/2. */
async function curl(...args: string[]): Promise<[status: string, body: string]> {
  const { stdout } = await run("curl", ["-sS", "--http2", "-w", "\n%{http_code}", ...args]);
  const [, body = "", status = ""] = /^(.*)\n(\d+)$/s.exec(stdout) ?? [];
  return [status, body];
}

/** All that comes on a stream until the server hangs up. */
async function wholeOf(stream: Socket): Promise<string> {
  let whole = "";
  stream.on("data", (chunk: Buffer) => {
    whole += chunk.toString();
  });
  await within("the end", once(stream, "close"));
  return whole;
}

/** All that the server answers to what is sent over one TCP connection. */
function answersTo({ port }: TestServer, text: string): Promise<string> {
  const stream = connect(port, "127.0.0.1");
  const answers = wholeOf(stream);
  stream.write(text);
  return answers;
}

/** Has an application's server listen, with Commonroom attached, until the test ends. */
async function attachedTo(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const commonroom = createCommonroom({ logLevel: "silent" });
  onTestFinished(async () => {
    await commonroom.close();
    server.close();
  });
  await commonroom.attach(server);
  return (server.address() as AddressInfo).port;
}

/** A certificate for a server, and its key. */
async function selfSigned(): Promise<{ key: Buffer; cert: Buffer }> {
  const directory = await mkdtemp(join(tmpdir(), "commonroom-tls-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await run("openssl", [
    ...["req", "-x509", ...newKey, "-subj", "/CN=localhost"],
    ...["-keyout", key, "-out", cert],
  ]);
  return { key: await readFile(key), cert: await readFile(cert) };
}

const OFFER = "connection: Upgrade, HTTP2-Settings\r\nhttp2-settings: AAMAAABk\r\nupgrade: h2c";

describe("a request that offers HTTP/2", () => {
  it("is answered as any other: a GET", async () => {
    const { url } = await startServer();
    const [status, body] = await curl(`${url}/health`);
    expect([status, JSON.parse(body)]).toMatchObject(["200", { status: "ok" }]);
  });

  it.each([
    ["with a length", []],
    ["in chunks", ["-H", "transfer-encoding: chunked"]],
  ])("is answered as any other: a POST whose body comes %s", async (_how, more) => {
    const server = await startServer({ rooms: [{ match: "*", presence: false }] });
    const client = await joinPlain(server, "lobby");
    const text = "x".repeat(200_000);
    const body = JSON.stringify({ room: "lobby", payload: { text } });
    const type = ["-H", "content-type: application/json"];
    const asked = run("curl", [
      "-sS",
      "--http2",
      ...type,
      ...more,
      "-d",
      "@-",
      `${server.url}/publish`,
    ]);
    asked.child.stdin?.end(body);
    expect(JSON.parse((await asked).stdout)).toMatchObject({ members: 1 });
    expect(await client.next()).toEqual({ text, _room: "lobby" });
  });

  it("may ask for Socket.IO's long-polling", async () => {
    const { url } = await startServer();
    const [status, body] = await curl(`${url}/socket.io/?EIO=4&transport=polling`);
    expect([status, body]).toEqual(["200", expect.stringContaining('"sid"')]);
  });

  it("may be a WebSocket address's, which says what is missing", async () => {
    const { url } = await startServer();
    expect(await curl(`${url}/websocket`)).toEqual([
      "400",
      "Connection header did not include 'upgrade'",
    ]);
  });

  it("is the last one of its connection", async () => {
    const server = await startServer();
    const ask = (more: string): string => `GET /health HTTP/1.1\r\nhost: a\r\n${more}\r\n\r\n`;
    const answers = await answersTo(server, ask("x: y") + ask(OFFER) + ask("x: z"));
    expect(answers.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
    expect(answers.match(/connection: close/gi)).toHaveLength(1);
  });

  it("does not hold up the end of the server", async () => {
    const server = await startServer();
    const stream = connect(server.port, "127.0.0.1");
    onTestFinished(() => void stream.destroy());
    stream.write(`GET /rooms/a/events HTTP/1.1\r\nhost: a\r\n${OFFER}\r\n\r\n`);
    await until("the member", () => server.commonroom.status().connections === 1);
    const over = new Promise((resolve) => stream.once("close", resolve));
    stream.resume();
    await within("the close", server.commonroom.close());
    await within("the end of the stream", over);
  });

  it("is answered at an application's server, too, at our paths and at its own", async () => {
    const port = await attachedTo(createServer((_request, response) => response.end("a page")));
    expect((await curl(`http://127.0.0.1:${port}/health`))[0]).toBe("200");
    expect(await curl(`http://127.0.0.1:${port}/page`)).toEqual(["200", "a page"]);
  });

  it("is answered at an application's server with TLS as well", async () => {
    const server = createSecureServer(await selfSigned(), (_request, response) => {
      response.end("a page");
    });
    const port = await attachedTo(server);
    for (const [path, body] of [
      ["/health", '"status":"ok"'],
      ["/page", "a page"],
    ]) {
      const stream = connectSecurely({ port, host: "127.0.0.1", rejectUnauthorized: false });
      const answer = wholeOf(stream);
      stream.write(`GET ${path} HTTP/1.1\r\nhost: a\r\n${OFFER}\r\n\r\n`);
      expect(await answer).toContain(body);
    }
  });
});
