import type { RefusalCode } from "../codes.ts";
import { JsonText } from "../json-text.ts";
import { MESSAGE } from "../rooms/own-events.ts";
import { payloadKind } from "../rooms/payload.ts";
import type { Publication } from "../rooms/publishing.ts";
import { itemTexts, memberText } from "./json-slices.ts";
import { parseJson } from "./token-request.ts";

/** One message of a body, or the code of its refusal. */
export type PublishMessage =
  | { readonly ok: true; readonly publication: Publication }
  | { readonly ok: false; readonly code: RefusalCode };

/** What a body asks for: one message, or a batch of them, each with its own fate. */
export type PublishBody =
  | { readonly kind: "single"; readonly message: PublishMessage }
  | { readonly kind: "batch"; readonly messages: readonly PublishMessage[] }
  | { readonly kind: "refused"; readonly code: RefusalCode };

const MAX_MESSAGES = 1000;

/**
 * Reads the body of `POST /publish`: a message `{"room", "event"?, "payload", "except"?}`, a list of
 * messages, or `{"messages": [...]}`. Unknown members are ignored.
 *
 * The payload is kept as the text that the caller wrote. Names are not checked here.
 */
export function readPublishBody(body: Uint8Array): PublishBody {
  const json = parseJson(body);
  if (!json.ok) return { kind: "refused", code: "body_not_json" };
  const { value, text } = json;
  if (Array.isArray(value)) return readBatch(value, text);
  if (!isObject(value) || !("messages" in value)) {
    return { kind: "single", message: readMessage(value, text) };
  }
  const messages = memberText(text, "messages");
  if (!Array.isArray(value.messages) || messages === undefined) {
    return { kind: "refused", code: "message_invalid" };
  }
  return readBatch(value.messages, messages);
}

function readBatch(values: readonly unknown[], text: string): PublishBody {
  if (values.length > MAX_MESSAGES) return { kind: "refused", code: "messages_exhausted" };
  const messages = itemTexts(text).map((item, index) => readMessage(values[index], item));
  return { kind: "batch", messages };
}

/** @param value what the text says */
function readMessage(value: unknown, text: string): PublishMessage {
  if (!isObject(value)) return { ok: false, code: "message_invalid" };
  const { room, event = MESSAGE, payload, except } = value as Partial<Publication>;
  const payloadText = memberText(text, "payload");
  if (payloadText === undefined) return { ok: false, code: "payload_missing" };
  if (payloadKind(payload) !== "json") return { ok: false, code: "payload_invalid" };
  const names = readExcept(except);
  if (names === undefined) return { ok: false, code: "except_invalid" };
  const publication = { room, event, payload: new JsonText(payloadText), except: names };
  return { ok: true, publication };
}

/** The names to leave out, or undefined if they are none. */
function readExcept(except: unknown): readonly string[] | undefined {
  if (except === undefined) return [];
  const names: unknown[] = Array.isArray(except) ? except : [except];
  return names.every((name) => typeof name === "string") ? [...new Set(names)] : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
