import type { Express, RequestHandler } from "express";
import type { RefusalCode } from "../codes.ts";
import { refusal } from "../rooms/reply.ts";
import { answerJson, methodNotAllowed } from "./answer.ts";
import type { HttpContext, Publishing } from "./context.ts";
import { originGuard } from "./origin-guard.ts";
import { type PublishAccess, publishAccess } from "./publish-access.ts";
import { type PublishMessage, readPublishBody } from "./publish-body.ts";
import { statusOf } from "./refusal-status.ts";
import { type BodyReading, bodyReader } from "./request-body.ts";
import { isJsonType } from "./token-request.ts";

type Access = PublishAccess & { readonly ok: true };
type Response = Parameters<RequestHandler>[1];

/** What a body that could not be read is told, by the status that the body parser gives it. */
const unreadable: ReadonlyMap<number | undefined, RefusalCode> = new Map([
  [413, "too_large"],
  [415, "content_type_invalid"],
]);

/**
 * Adds `POST /publish`: sends one message, or a batch, into rooms for a program that is no member.
 *
 * A refusal is answered with its status and `{reason, code}`. In a batch each message has a result
 * of its own, and the status is 200.
 */
export function addPublishRoute(app: Express, context: HttpContext): void {
  const { publishing } = context;
  if (publishing === undefined) return;
  app
    .route("/publish")
    .post(originGuard(context), publishFor(context, publishing))
    .all(methodNotAllowed("POST"));
}

function publishFor(context: HttpContext, publishing: Publishing): RequestHandler {
  const readBody = bodyReader(context.maxBodyBytes);
  const accessOf = publishAccess(context, publishing);
  return async (request, response) => {
    const access = accessOf(request.headers.authorization);
    if (!access.ok) {
      response.setHeader("www-authenticate", "Bearer");
      answerRefusal(response, access.code);
    } else if (!isJsonType(request.headers["content-type"])) {
      answerRefusal(response, "content_type_invalid");
    } else {
      const body = await readBody(request, response);
      if (body.ok) await publishBody(publishing, access, body.bytes, response);
      else answerRefusal(response, unreadableCode(body));
    }
  };
}

/** @throws what is not the client's fault */
function unreadableCode({ status, error }: BodyReading & { readonly ok: false }): RefusalCode {
  const code = unreadable.get(status);
  if (code === undefined) throw error;
  return code;
}

async function publishBody(
  publishing: Publishing,
  access: Access,
  bytes: Uint8Array,
  response: Response,
): Promise<void> {
  const body = readPublishBody(bytes);
  if (body.kind === "refused") {
    answerRefusal(response, body.code);
  } else if (body.kind === "single") {
    const result = await publishMessage(publishing, access, body.message);
    if (typeof result === "string") answerRefusal(response, result);
    else answerJson(response, result);
  } else {
    const results: object[] = [];
    for (const message of body.messages) {
      const result = await publishMessage(publishing, access, message);
      results.push(typeof result === "string" ? { error: refusal(result) } : result);
    }
    answerJson(response, { results });
  }
}

/** What the answer tells of a message, or the code of its refusal. */
async function publishMessage(
  { publish }: Publishing,
  { covers }: Access,
  message: PublishMessage,
): Promise<object | RefusalCode> {
  if (!message.ok) return message.code;
  const published = await publish(message.publication, covers);
  if (!published.ok) return published.code;
  const { ok: _ok, ...result } = published;
  return result;
}

function answerRefusal(response: Response, code: RefusalCode): void {
  response.status(statusOf(code));
  answerJson(response, refusal(code));
}
