import type { Express, Request, Response } from "express";
import type { ReadPresence } from "../rooms/presence-reading.ts";
import { answerJson, methodNotAllowed } from "./answer.ts";
import { refuseRoom, roomToken } from "./room-answers.ts";

/** What the route needs of the server around it. */
export interface PresenceRouteContext {
  /** Tells who is in a room, if `GET /rooms/<room>/presence` is served. */
  readonly readPresence?: ReadPresence | undefined;
}

/**
 * Adds `GET /rooms/<room>/presence`: who is in a room on all nodes, in the shape of
 * `presence_state`, for whoever may join the room. The token is `Authorization: Bearer`, or `token`
 * in the query.
 */
export function addPresenceRoute(app: Express, { readPresence }: PresenceRouteContext): void {
  if (readPresence === undefined) return;
  const answer = async (request: Request<{ room: string }>, response: Response): Promise<void> => {
    const { room } = request.params;
    const reading = await readPresence({ room, token: roomToken(request) });
    if (reading.ok) answerJson(response, reading.presences);
    else refuseRoom(response, reading.code);
  };
  app.route("/rooms/:room/presence").get(answer).all(methodNotAllowed("GET, HEAD"));
}
