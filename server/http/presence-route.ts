import type { Express, Request, Response } from "express";
import type { RefusalCode } from "../codes.ts";
import type { ReadPresence } from "../rooms/presence-reading.ts";
import { refusal } from "../rooms/reply.ts";
import { answerJson, methodNotAllowed } from "./answer.ts";

/** What the route needs of the server around it. */
export interface PresenceRouteContext {
  /** Tells who is in a room, if `GET /rooms/<room>/presence` is served. */
  readonly readPresence?: ReadPresence | undefined;
}

/** Statuses of the refusals that are not 422. */
const statuses: ReadonlyMap<RefusalCode, number> = new Map([
  ["token_missing", 401],
  ["token_invalid", 401],
  ["token_expired", 401],
  ["room_forbidden", 403],
  ["presence_private", 403],
  ["room_unmatched", 404],
]);

/**
 * Adds `GET /rooms/<room>/presence`: who is in a room on all nodes, in the shape of
 * `presence_state`, for whoever may join the room. The token is `Authorization: Bearer`, or `token`
 * in the query.
 */
export function addPresenceRoute(app: Express, { readPresence }: PresenceRouteContext): void {
  if (readPresence === undefined) return;
  const answer = async (request: Request<{ room: string }>, response: Response): Promise<void> => {
    const { room } = request.params;
    const reading = await readPresence({ room, token: tokenOf(request) });
    if (reading.ok) answerJson(response, reading.presences);
    else refuse(response, reading.code);
  };
  app.route("/rooms/:room/presence").get(answer).all(methodNotAllowed("GET, HEAD"));
}

function tokenOf(request: Request): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  const { token }: { readonly token?: unknown } = request.query;
  return bearer ?? (typeof token === "string" && token !== "" ? token : undefined);
}

function refuse(response: Response, code: RefusalCode): void {
  if (statuses.get(code) === 401) response.setHeader("www-authenticate", "Bearer");
  response.status(statuses.get(code) ?? 422);
  answerJson(response, refusal(code));
}
