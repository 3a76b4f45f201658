import type { Request, Response } from "express";
import type { RefusalCode } from "../codes.ts";
import { refusal } from "../rooms/reply.ts";
import { bearerOf } from "../shown-tokens.ts";
import { answerJson } from "./answer.ts";

/** Statuses of the refusals that are not 422. */
const statuses: ReadonlyMap<RefusalCode, number> = new Map([
  ["token_missing", 401],
  ["token_invalid", 401],
  ["token_expired", 401],
  ["room_forbidden", 403],
  ["log_private", 403],
  ["presence_private", 403],
  ["room_unmatched", 404],
  ["log_missing", 404],
  ["join_crashed", 500],
  ["log_unavailable", 503],
  ["too_many_waiting", 503],
]);
const OTHER_STATUS = 422;

/** The token of someone who asks about a room: `Authorization: Bearer`, or `token` in the query. */
export function roomToken(request: Request): string | undefined {
  const { token }: { readonly token?: unknown } = request.query;
  return (
    bearerOf(request.headers) ?? (typeof token === "string" && token !== "" ? token : undefined)
  );
}

/** The status of a refusal that is about a room. */
export function statusOf(code: RefusalCode): number {
  return statuses.get(code) ?? OTHER_STATUS;
}

/** Answers someone who is not told what they asked about a room. */
export function refuseRoom(response: Response, code: RefusalCode): void {
  const status = statusOf(code);
  if (status === 401) response.setHeader("www-authenticate", "Bearer");
  response.status(status);
  answerJson(response, refusal(code));
}
