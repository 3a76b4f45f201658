import type { IncomingMessage } from "node:http";
import type { Gate } from "./gate.ts";
import { type Params, parseParams } from "./query.ts";
import { type Refused, refused } from "./refused.ts";

/** What a client's request says, whatever the client speaks. */
export interface Arrival {
  /** The query, nested as its brackets say. */
  readonly params: Params;
  /** The query as it is; of a repeated key, the last value. */
  readonly query: ReadonlyMap<string, string>;
}

const BAD_REQUEST = 400;

/** Judges the page that a request comes from, and reads its query. */
export function readArrival(gate: Gate, request: IncomingMessage): Arrival | Refused {
  const early = gate.checkOpen() ?? gate.checkOrigin(request);
  if (early !== undefined) return early;
  const search = urlOf(request)?.searchParams;
  const params = search === undefined ? undefined : parseParams(search);
  if (params === undefined) return refused("query_refused", BAD_REQUEST);
  return { params, query: new Map(search) };
}

/** The path and query of a request, if they can be read. The host does not matter here. */
export function urlOf({ url = "/" }: IncomingMessage): URL | undefined {
  const base = "http://localhost";
  return URL.canParse(url, base) ? new URL(url, base) : undefined;
}
