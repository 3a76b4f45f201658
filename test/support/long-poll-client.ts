import { once } from "node:events";
import { connect } from "node:net";
import { expect, onTestFinished } from "vitest";
import type { TestServer } from "./server.ts";

/** The body of a long-poll answer. */
export interface LongPollBody {
  readonly status: number;
  readonly token?: string;
  readonly messages?: readonly string[];
}

/** What a POST brings beside its body. */
export interface PostOptions {
  readonly contentType?: string | undefined;
  readonly headers?: Record<string, string>;
}

const LINES = "application/x-ndjson";

/** A bare long-poll session, for what a client library would hide. */
export class LongPollClient {
  /** The address with its query, without a token. */
  readonly url: string;
  token = "";

  constructor(url: string) {
    this.url = url;
  }

  /** The address with this session's token. */
  get ownUrl(): string {
    return `${this.url}&token=${encodeURIComponent(this.token)}`;
  }

  /** Asks for messages. */
  async get(headers: Record<string, string> = {}): Promise<LongPollBody> {
    const answer = await fetch(this.ownUrl, { headers });
    return readBody(answer);
  }

  /** Posts frames, one a line. */
  postLines(...lines: readonly (string | unknown[])[]): Promise<LongPollBody> {
    const texts = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
    return this.post(texts.join("\n"), { contentType: LINES });
  }

  /** Posts a body as it is. */
  async post(body: string | Uint8Array, options: PostOptions = {}): Promise<LongPollBody> {
    const { contentType, headers } = options;
    const type = contentType === undefined ? {} : { "content-type": contentType };
    const bytes = Uint8Array.from(Buffer.from(body));
    const request = { method: "POST", body: bytes, headers: { ...type, ...headers } };
    return readBody(await fetch(this.ownUrl, request));
  }

  /** The frames of the next answer that has some. */
  async frames(): Promise<unknown[]> {
    for (;;) {
      const { status, messages = [] } = await this.get();
      if (status === 200) return messages.map((text): unknown => JSON.parse(text));
      if (status !== 204) throw new Error(`the session is gone: ${status}`);
    }
  }
}

/**
 * Opens a session.
 *
 * @param url with a query
 */
export async function openLongPoll(
  url: string,
  headers: Record<string, string> = {},
): Promise<LongPollClient> {
  const client = new LongPollClient(url);
  const { status, token } = await readBody(await fetch(url, { headers }));
  if (status !== 410 || token === undefined) throw new Error(`not opened: ${status}`);
  client.token = token;
  return client;
}

/** Opens a V2 session. */
export function openSession(server: TestServer): Promise<LongPollClient> {
  return openLongPoll(longPollAddress(server));
}

/** Opens a V2 session that has joined `room:a`, with the join_ref `1`. */
export async function joinSession(server: TestServer): Promise<LongPollClient> {
  const client = await openSession(server);
  await client.postLines(["1", "1", "room:a", "phx_join", {}]);
  const reply = ["1", "1", "room:a", "phx_reply", { status: "ok" }];
  expect(await client.frames()).toMatchObject([reply]);
  return client;
}

/** Where V2 sessions are opened. */
export function longPollAddress(server: TestServer): string {
  return `${server.url}/socket/longpoll?vsn=2.0.0`;
}

/** The status of a session, found out without a poll. */
export async function statusOf(client: LongPollClient): Promise<number> {
  return (await client.postLines()).status;
}

/** Asks for messages without waiting, and gives up when the test ends. */
export function pollInBackground(client: LongPollClient): Promise<LongPollBody> {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  return fetch(client.ownUrl, { signal: controller.signal }).then(readBody);
}

/** Asks for messages and hangs up; resolves when the server has hung up too. */
export async function cutOffPoll(client: LongPollClient): Promise<void> {
  const { hostname, port, pathname, search } = new URL(client.ownUrl);
  const stream = connect(Number(port), hostname);
  stream.end(`GET ${pathname}${search} HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`);
  stream.resume();
  await once(stream, "close");
  // The answer comes after the server has seen the other connection close.
  await client.postLines();
}

async function readBody(answer: Response): Promise<LongPollBody> {
  const body: unknown = JSON.parse(await answer.text());
  if (typeof body !== "object" || body === null || !("status" in body)) {
    throw new Error(`no long-poll answer: HTTP ${answer.status}`);
  }
  return body as LongPollBody;
}
