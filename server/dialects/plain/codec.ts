import { MESSAGE } from "../../rooms/own-events.ts";
import { decodeBinary } from "./binary-codec.ts";

/** A client's name for a frame that it wants answered, echoed unchanged. */
export type Id = string | number;

/** What a join asks for besides membership. */
export interface Wishes {
  /** Whether the client wants to be told who is present. */
  readonly presence: boolean;
  /** Whether it can be sent binary frames. */
  readonly binary: boolean;
}

/** A frame of a plain client. `room`, `event` and `id` are as they came. */
export type ClientFrame =
  | {
      readonly kind: "join";
      readonly room: unknown;
      readonly id: unknown;
      readonly wishes: Wishes;
      /** What else the frame says, the token among it. */
      readonly params: object;
    }
  | { readonly kind: "leave"; readonly room: unknown; readonly id: unknown }
  | {
      readonly kind: "message";
      readonly room: unknown;
      readonly event: unknown;
      readonly payload: unknown;
      readonly id: unknown;
    }
  /** A message that names no room: a JSON value, or bytes. */
  | { readonly kind: "roomless"; readonly payload: unknown; readonly id: unknown }
  /** Text that is not JSON. */
  | { readonly kind: "unreadable"; readonly text: string };

/**
 * Reads a frame. `_join` and `_leave` go before `_room`, as in the document of Metafor's channels;
 * an object of that type which names only a `_room` is a message.
 */
export function decodeFrame(data: string | Buffer): ClientFrame {
  if (typeof data !== "string") return decodeBinary(data);
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return { kind: "unreadable", text: data };
  }
  return isObject(value)
    ? decodeObject(value)
    : { kind: "roomless", payload: value, id: undefined };
}

/** Whether a client's first message is of this dialect: a request, or a message for a room. */
export function isPlain(data: string | Buffer): boolean {
  const { kind } = decodeFrame(data);
  return kind === "join" || kind === "leave" || kind === "message";
}

function decodeObject(frame: object): ClientFrame {
  const type = "type" in frame ? frame.type : undefined;
  if ((type === "_join" || type === "_leave") && ("room" in frame || !("_room" in frame))) {
    return decodeRequest(type, frame);
  }
  if (!("_room" in frame)) {
    const { _id: id, ...payload } = frame as { _id?: unknown };
    return { kind: "roomless", payload, id };
  }
  const {
    _room,
    _event = MESSAGE,
    _id,
    ...payload
  } = frame as {
    readonly _room: unknown;
    readonly _event?: unknown;
    readonly _id?: unknown;
  };
  return { kind: "message", room: _room, event: _event, payload, id: _id };
}

function decodeRequest(type: "_join" | "_leave", frame: object): ClientFrame {
  const {
    type: _type,
    room,
    _id,
    presence,
    binary,
    ...params
  } = frame as {
    readonly [Key in "type" | "room" | "_id" | "presence" | "binary"]?: unknown;
  };
  if (type === "_leave") return { kind: "leave", room, id: _id };
  const wishes = { presence: presence === true, binary: binary === true };
  return { kind: "join", room, id: _id, wishes, params };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
