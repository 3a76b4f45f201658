import type { Request, Response } from "express";
import type { RefusalCode } from "../codes.ts";
import { refusal } from "../rooms/reply.ts";
import { bearerOf } from "../shown-tokens.ts";
import { answerJson } from "./answer.ts";
import { statusOf } from "./refusal-status.ts";

/** The token of someone who asks about a room: `Authorization: Bearer`, or `token` in the query. */
export function roomToken(request: Request): string | undefined {
  const { token }: { readonly token?: unknown } = request.query;
  return (
    bearerOf(request.headers) ?? (typeof token === "string" && token !== "" ? token : undefined)
  );
}

/** Answers someone who is not told what they asked about a room. */
export function refuseRoom(response: Response, code: RefusalCode): void {
  const status = statusOf(code);
  if (status === 401) response.setHeader("www-authenticate", "Bearer");
  response.status(status);
  answerJson(response, refusal(code));
}
