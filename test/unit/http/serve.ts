import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, request } from "node:http";
import { onTestFinished } from "vitest";
import { createApp, type HttpContext } from "../../../server/http/app.ts";
import { type CommonroomOptions, optionsSchema } from "../../../server/options.ts";

/** The present in these tests, in milliseconds since 1970. */
export const nowMs = 1_700_000_000_000;
export const secret = "a secret of the tests";

/** An app that listens on a free port until the test ends. */
export interface Served {
  readonly url: string;
  /** What `onError` was told. */
  readonly errors: readonly unknown[];
}

type Changes = Partial<Omit<HttpContext, "auth" | "onError">> & {
  readonly auth?: CommonroomOptions["auth"];
};

/** Serves the app with the defaults of an open house, but for the changes. */
export async function serve(changes: Changes = {}): Promise<Served> {
  const errors: unknown[] = [];
  const server = createServer(createApp(toContext(changes, errors))).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("not a TCP server");
  return { url: `http://127.0.0.1:${address.port}`, errors };
}

function toContext(changes: Changes, errors: unknown[]): HttpContext {
  return {
    tokenSecret: secret,
    loopbackOnly: true,
    now: () => nowMs,
    randomId: () => "madeUp01",
    maxBodyBytes: 4096,
    health: () => ({ status: "ok" }),
    onError: (error) => errors.push(error),
    ...changes,
    auth: optionsSchema.parse({ auth: changes.auth ?? {} }).auth,
  };
}

/** Posts a body to `/token`. A body that is not text or bytes is sent as JSON. */
export function postToken(
  served: Served,
  body: unknown,
  headers: Record<string, string> = { "content-type": "application/json" },
): Promise<Response> {
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  const sent = isRaw ? Buffer.from(body) : JSON.stringify(body);
  return fetch(`${served.url}/token`, { method: "POST", body: sent, headers });
}

/** What came back from {@link send}. */
export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends what `fetch` cannot: any path, and headers of the connection. */
export async function send(
  served: Served,
  path: string,
  options: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(served.url, { ...options, path, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode, headers: response.headers, text });
      });
    });
    sent.on("error", reject).end();
  });
}
