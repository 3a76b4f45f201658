import { type Reply, refuse } from "./reply.ts";

/** The event that a member gets in the place of one whose bytes it cannot be sent. */
export const UNDELIVERABLE = "phx_undeliverable";

/** What {@link UNDELIVERABLE} tells. */
export interface Undeliverable {
  /** Name of the event that was not delivered. */
  readonly event: string;
  /** Size of its payload. */
  readonly bytes: number;
  readonly reason: string;
}

/** The payload that tells of an event whose bytes the connection cannot carry. */
export function undeliverable(event: string, payload: Uint8Array): Undeliverable {
  return {
    event,
    bytes: payload.byteLength,
    reason: "this connection cannot carry binary payloads",
  };
}

/** The reply in the place of one whose bytes the connection cannot carry. */
export function binaryReplyRefused(): Reply {
  return refuse("binary_unsupported");
}
