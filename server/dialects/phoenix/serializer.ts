import type { ClientFrame, Ref, ReplyPayload } from "./codec.ts";

/** One encoded frame: text, or bytes for a binary frame. */
export type Encoded = string | Uint8Array;

/** A version of Phoenix's wire: bytes to frames and back, without any state. */
export interface Serializer {
  /** Connections with the same one get the same bytes of a broadcast. */
  readonly encoding: string;
  /** Reads a client's message: text as a string, a binary frame as a Buffer. */
  decode(data: string | Buffer): ClientFrame | undefined;
  /** A `phx_reply`. */
  encodeReply(joinRef: Ref, ref: Ref, topic: unknown, reply: ReplyPayload): Encoded;
  /** An event for one member. */
  encodePush(joinRef: Ref, topic: string, event: string, payload: unknown): Encoded | undefined;
  /** `phx_close` or `phx_error`, which carries the join's join_ref twice. */
  encodeEnd(joinRef: Ref, topic: unknown, event: string, payload: unknown): Encoded;
  /** An event for all members of a room: the same bytes for each. */
  encodeBroadcast(topic: string, event: string, payload: unknown): Encoded | undefined;
}
