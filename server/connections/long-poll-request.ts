import type { IncomingMessage } from "node:http";
import { isLongPollToken } from "./long-poll-token.ts";

/** The token of the session that a request is for: a header before the query, of which the last. */
export function sessionTokenOf(request: IncomingMessage): string | undefined {
  const header = request.headers["x-phoenix-longpoll-token"];
  if (typeof header === "string") return header;
  return queryOf(request).getAll("token").at(-1);
}

/**
 * Takes the tokens of sessions out of the query of a request that opens one. A session that has
 * ended is no token of a room, and may hide the page's own of the same name.
 */
export function forgetSession(request: IncomingMessage): void {
  const query = queryOf(request);
  if (!query.getAll("token").some(isOfSession)) return;
  const [path = ""] = (request.url ?? "").split("?", 1);
  const own = [...query].filter(([name, value]) => name !== "token" || !isOfSession(value));
  request.url = `${path}?${new URLSearchParams(own)}`;
}

/** The query of a request; empty where its address cannot be read. */
function queryOf({ url = "/" }: IncomingMessage): URLSearchParams {
  const base = "http://localhost";
  return URL.canParse(url, base) ? new URL(url, base).searchParams : new URLSearchParams();
}

/** Some clients send `null` where they have none yet. */
function isOfSession(token: string): boolean {
  return token === "null" || isLongPollToken(token);
}
