import type { Answer } from "./carrier.ts";

/** Anything that goes wrong in a Channel. */
export class ChannelError extends Error {
  override readonly name: string = "ChannelError";
  /**
   * Stable name of what went wrong, for programs: the server's own (`room_forbidden`, …) or
   * `not_connected`, `queue_full`, `timeout`, `connection_lost`, `connect_failed`, `closed`,
   * `gave_up`, `message_invalid`, `room_left`, `room_closed`, `history_lost`,
   * `handler_failed`.
   */
  declare readonly code: string;
  /** The room that it is about, if there is one. */
  declare readonly room: string | undefined;

  /** @param message by default the code in words */
  constructor(code: string, room?: string, message?: unknown, cause?: unknown) {
    super(`${message || code.replace("_", " ")}`, { cause });
    this.code = code;
    this.room = room;
  }
}

/** A connection that could not be made or kept. */
export class ChannelConnectionError extends ChannelError {
  override readonly name: string = "ChannelConnectionError";
}

/** A message, a join or a leave that was not taken. */
export class ChannelMessageError extends ChannelError {
  override readonly name: string = "ChannelMessageError";
}

interface Said {
  readonly reason?: unknown;
  readonly code?: unknown;
  readonly about?: string;
}

/**
 * The refusal that an answer is.
 *
 * @param room what it is about; otherwise the answer itself may say so
 */
export function refusedBy(
  { status, response }: Answer,
  room?: string,
  Kind: typeof ChannelError = ChannelMessageError,
): ChannelError {
  const { reason = status, code = status, about } = Object(response) as Said;
  return new Kind(`${code}`, room ?? about, reason, response);
}
