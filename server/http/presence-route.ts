import type { Express, Request, Response } from "express";
import { answerJson, methodNotAllowed } from "./answer.ts";
import type { HttpContext } from "./context.ts";
import { originGuard } from "./origin-guard.ts";
import { refuseRoom, roomToken } from "./room-answers.ts";

/**
 * Adds `GET /rooms/<room>/presence`: who is in a room on all nodes, in the shape of
 * `presence_state`, for whoever may join the room. The token is `Authorization: Bearer`, or `token`
 * in the query.
 */
export function addPresenceRoute(app: Express, context: HttpContext): void {
  const { readPresence } = context;
  if (readPresence === undefined) return;
  const answer = async (request: Request<{ room: string }>, response: Response): Promise<void> => {
    const { room } = request.params;
    const reading = await readPresence({ room, token: roomToken(request) });
    if (reading.ok) answerJson(response, reading.presences);
    else refuseRoom(response, reading.code);
  };
  app
    .route("/rooms/:room/presence")
    .get(originGuard(context), answer)
    .all(methodNotAllowed("GET, HEAD"));
}
