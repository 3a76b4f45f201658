import type { PresenceMeta } from "../rooms/presence.ts";

/** One presence: its room, its key and what is told of it. */
export type Entry = readonly [room: string, key: string, meta: PresenceMeta];

/** Who speaks. */
export interface Head {
  /** Name of this run of a node: random letters and digits, new at each start. */
  readonly id: string;
  /** Name of the node, the same after a restart. */
  readonly name: string;
  /** Start of this run, in milliseconds since 1970. */
  readonly startedAtMs: number;
  /** How many changes the node has told so far. */
  readonly number: number;
}

/** What nodes tell each other; all but `ask` and `state` go to everyone. */
export type Message =
  /** "I am here, and this is my latest number." */
  | (Head & { readonly type: "beat" })
  /** "I stop. My members are gone." */
  | (Head & { readonly type: "bye" })
  /** A change, the one that `number` says. */
  | (Head & {
      readonly type: "delta";
      readonly joins: readonly Entry[];
      /** The `phx_ref` of each that is gone. */
      readonly leaves: readonly string[];
    })
  /** "Tell me all your presences." */
  | (Head & {
      readonly type: "ask";
      /** Whom: the run's id. */
      readonly to: string;
      /** Comes back in each part of the answer, which so cannot be forged by one who hears nothing. */
      readonly nonce: string;
    })
  /** One of the parts of a node's presences, as they were after the change `number`. */
  | (Head & {
      readonly type: "state";
      readonly nonce: string;
      /** Which part, from 0. */
      readonly part: number;
      /** How many there are. */
      readonly parts: number;
      readonly presences: readonly Entry[];
    });

/** A message of one type. */
export type MessageOf<Type extends Message["type"]> = Extract<Message, { type: Type }>;

/** Version of the wire. Nodes ignore what has another. */
export const WIRE_VERSION = 1;
/** Messages are made no larger than this, unless one presence alone is. */
export const MAX_CHUNK_BYTES = 65_536;
/** Anything larger is not read at all. */
export const MAX_MESSAGE_BYTES = 1_048_576;

/** A message that says no more than who speaks. */
export function encodeHead(type: "beat" | "bye", head: Head): string {
  return JSON.stringify({ v: WIRE_VERSION, type, ...head });
}

/** A request for all presences of the node `to`. */
export function encodeAsk(head: Head, to: string, nonce: string): string {
  return JSON.stringify({ v: WIRE_VERSION, type: "ask", ...head, to, nonce });
}

/**
 * A change.
 *
 * @param joins JSON texts of entries, separated by commas
 * @param leaves JSON texts of `phx_ref`s, separated by commas
 */
export function encodeDelta(head: Head, joins: string, leaves: string): string {
  const start = JSON.stringify({ v: WIRE_VERSION, type: "delta", ...head });
  return `${start.slice(0, -1)},"joins":[${joins}],"leaves":[${leaves}]}`;
}

/**
 * A part of all presences.
 *
 * @param presences JSON texts of entries, separated by commas
 */
export function encodeState(
  head: Head,
  place: Pick<MessageOf<"state">, "nonce" | "part" | "parts">,
  presences: string,
): string {
  const { nonce, part, parts } = place;
  const start = JSON.stringify({ v: WIRE_VERSION, type: "state", ...head, nonce, part, parts });
  return `${start.slice(0, -1)},"presences":[${presences}]}`;
}
