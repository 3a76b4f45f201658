import { jsonTextOf, payloadValue } from "../../json-text.ts";
import { isBytes } from "../../rooms/payload.ts";
import type { Reply } from "../../rooms/reply.ts";
import { UNDELIVERABLE, undeliverable } from "../../rooms/undeliverable.ts";
import { encodeBinary } from "./binary-codec.ts";
import { type Id, MESSAGE, type Wishes } from "./codec.ts";

/** One encoded frame: text, or bytes for a binary frame. */
export type Encoded = string | Uint8Array;

/** Where an event comes from. */
export interface Source {
  /** The room, or undefined where its name is not told. */
  readonly room: string | undefined;
  readonly event: string;
}

/** Fields of the protocol's own. A payload that has one travels as `data`. */
const OWN_FIELDS = ["_room", "_event", "_re"];
const ERROR_TYPE = "_error";
/** Their payloads have people's ids as fields, so they always travel as `data`. */
const PRESENCE_EVENTS: ReadonlySet<string> = new Set(["presence_state", "presence_diff"]);

/** Makes the frame of an event, or undefined if its receiver has not asked for it. */
export function encodeEvent(source: Source, payload: unknown, wishes: Wishes): Encoded | undefined {
  const isPresence = PRESENCE_EVENTS.has(source.event);
  if (isPresence && !wishes.presence) return undefined;
  if (!isBytes(payload)) return encodeJson(source, payload, isPresence);
  if (wishes.binary) return encodeBinary(envelope(source), payload);
  return encodeJson(
    { room: source.room, event: UNDELIVERABLE },
    undeliverable(source.event, payload),
    false,
  );
}

/** Makes the reply to a frame that asked for one. */
export function encodeReply(id: Id, { status, response }: Reply): string {
  return JSON.stringify({ _re: id, status, response });
}

/** Makes the reply whose response is bytes. */
export function encodeBinaryReply(id: Id, status: string, response: Uint8Array): Uint8Array {
  return encodeBinary({ _re: id, status }, response);
}

/**
 * Makes the frame that tells of a mistake.
 *
 * @param about the room that the mistake is about. The field is not called `room`, since Metafor's
 * client would take the frame for a message of that room
 */
export function encodeError(error: object, about?: string): string {
  const { reason, code, ...response } = error as { reason?: unknown; code?: unknown };
  const details = Object.keys(response).length > 0 ? { response } : {};
  return JSON.stringify({ type: ERROR_TYPE, code, reason, about, ...details });
}

/** The names go last, so that no payload can put others in their place. */
function encodeJson(source: Source, payload: unknown, isWrapped: boolean): string {
  const text = jsonTextOf(payload).trim();
  const isData = isWrapped || !text.startsWith("{") || hasOwnField(payloadValue(payload));
  return merge(isData ? `{"data":${text}}` : text, JSON.stringify(envelope(source)));
}

/** Two JSON objects, as text, in one. */
function merge(first: string, second: string): string {
  const fields = first.slice(1, -1).trim();
  if (fields === "" || second === "{}") return fields === "" ? second : first;
  return `${first.slice(0, -1)},${second.slice(1)}`;
}

function envelope({ room, event }: Source): { _event?: string; _room?: string } {
  return {
    ...(event === MESSAGE ? {} : { _event: event }),
    ...(room === undefined ? {} : { _room: room }),
  };
}

function hasOwnField(payload: unknown): boolean {
  if (typeof payload !== "object" || payload === null) return false;
  if (OWN_FIELDS.some((field) => Object.hasOwn(payload, field))) return true;
  return "type" in payload && payload.type === ERROR_TYPE;
}
