import type { Express, Request, Response } from "express";
import { type RefusalCode, refusals } from "../codes.ts";
import { answerJson, methodNotAllowed } from "./answer.ts";
import type { HttpContext } from "./context.ts";
import { inTurn } from "./in-turn.ts";
import { statusOf } from "./refusal-status.ts";

const METHODS = "GET";
const STREAM = "text/event-stream";
const NO_CONTENT = 204;
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
const TOO_MANY = 429;
const FIRST_SERVER_ERROR = 500;

/**
 * Adds `GET /rooms/<room>/events`: a room's events as they happen, for whoever may join the room.
 * The answer goes on until the client hangs up or its membership ends.
 */
export function addEventsRoute(app: Express, { roomEvents }: HttpContext): void {
  if (roomEvents === undefined) return;
  const open = (request: Request<{ room: string }>, response: Response): void =>
    roomEvents.open(request, response, request.params.room, {
      accept: () => begin(response),
      refuse: (status, refused) => {
        const meant = status ?? statusOfJoin(refused);
        if (isTemporary(meant) && takesStreams(request)) {
          begin(response);
          response.end(roomEvents.later(refused));
        } else {
          refuse(response, meant, refused);
        }
      },
    });
  // Express would let GET answer HEAD, which would go on for ever.
  const refuseMethod = methodNotAllowed(METHODS);
  app.route("/rooms/:room/events").head(refuseMethod).get(inTurn, open).all(refuseMethod);
}

function begin(response: Response): void {
  response.writeHead(200, {
    "content-type": STREAM,
    "cache-control": "no-store",
    // For nginx, where it is not told to leave answers alone.
    "x-accel-buffering": "no",
    connection: "close",
  });
}

function refuse(response: Response, status: number, refused: unknown): void {
  response.status(status);
  if (status === UNAUTHORIZED) response.setHeader("www-authenticate", "Bearer");
  if (isTemporary(status)) response.setHeader("connection", "close");
  if (status === NO_CONTENT) response.end();
  else answerJson(response, refused);
}

/** EventSource takes every other status than 200 for final, and so never comes back. */
function takesStreams({ headers }: Request<{ room: string }>): boolean {
  return headers.accept?.includes(STREAM) === true;
}

function isTemporary(status: number): boolean {
  return status === TOO_MANY || status >= FIRST_SERVER_ERROR;
}

/** What an application's channel says in its own words is a 403. */
function statusOfJoin(refused: unknown): number {
  const { code }: { readonly code?: unknown } = Object(refused);
  return isCode(code) ? statusOf(code) : FORBIDDEN;
}

function isCode(code: unknown): code is RefusalCode {
  return typeof code === "string" && Object.hasOwn(refusals, code);
}
