import type { Express, Request, Response } from "express";
import { jsonTextOf } from "../json-text.ts";
import type { Entry } from "../rooms/log/entry.ts";
import type { Page } from "../rooms/log/log-store.ts";
import { isOffset } from "../rooms/log/position.ts";
import { isBytes } from "../rooms/payload.ts";
import { answerJsonText, methodNotAllowed } from "./answer.ts";
import type { HttpContext } from "./context.ts";
import { originGuard } from "./origin-guard.ts";
import { refuseRoom, roomToken } from "./room-answers.ts";

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/**
 * Adds `GET /rooms/<room>/log?after=&limit=`: a page of a room's log, for whoever may join the room.
 * The token is `Authorization: Bearer`, or `token` in the query.
 */
export function addLogRoute(app: Express, context: HttpContext): void {
  const { readLog, maxBodyBytes } = context;
  if (readLog === undefined) return;
  const answer = async (request: Request<{ room: string }>, response: Response): Promise<void> => {
    const range = readRange(request.query);
    if (range === undefined) return refuseRoom(response, "range_invalid");
    const { room } = request.params;
    const reading = await readLog({ room, token: roomToken(request), ...range });
    if (!reading.ok) return refuseRoom(response, reading.code);
    answerJsonText(response, pageText(room, reading.page, maxBodyBytes));
  };
  app
    .route("/rooms/:room/log")
    .get(originGuard(context), answer)
    .all(methodNotAllowed("GET, HEAD"));
}

interface Query {
  readonly after?: unknown;
  readonly limit?: unknown;
}

function readRange({ after = "0", limit = `${DEFAULT_LIMIT}` }: Query) {
  const range = { after: readNumber(after), limit: readNumber(limit) };
  const isRange = isOffset(range.after) && range.limit >= 1 && range.limit <= MAX_LIMIT;
  return isRange ? range : undefined;
}

function readNumber(text: unknown): number {
  return typeof text === "string" && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
}

/** As many entries as fit, and at least one: a payload's text goes on as it is. */
function pageText(room: string, { epoch, offset, first, entries }: Page, maxBytes: number): string {
  const texts: string[] = [];
  let bytes = 0;
  for (const entry of entries) {
    bytes += entry.bytes;
    if (bytes > maxBytes && texts.length > 0) break;
    texts.push(entryText(entry));
  }
  const head = JSON.stringify({ room, epoch, offset, first });
  return `${head.slice(0, -1)},"entries":[${texts.join()}]}`;
}

function entryText({ offset, event, payload, sender, sequence, ...rest }: Entry): string {
  const { inReplyTo: inreplyto, type, atMs } = rest;
  const at = new Date(atMs).toISOString();
  const head = JSON.stringify({ offset, event, sender, sequence, inreplyto, type, at });
  const body = isBytes(payload)
    ? `"base64":"${Buffer.from(payload).toString("base64")}"`
    : `"payload":${jsonTextOf(payload)}`;
  return `${head.slice(0, -1)},${body}}`;
}
