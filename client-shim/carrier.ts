import type { CloseInfo } from "./websocket.ts";

/** How a request was answered, as the wire says it. */
export interface Answer {
  /** `ok`, or what kind of refusal it is. */
  readonly status: unknown;
  readonly response?: unknown;
}

/** Takes the answer to a request. */
export type OnAnswer = (answer: Answer) => void;

/** What carries a Channel: a connection of its own, or a library's socket that the page lends. */
export interface Carrier {
  /**
   * Whether what is sent now goes out. Absent where the socket is borrowed: then its library
   * reconnects, and closing leaves it open.
   */
  readonly isReady?: () => boolean;
  /**
   * Connects, or finds that it is connected.
   *
   * @throws if it cannot even try
   */
  open(): void;
  /**
   * Closes, or lets go of the borrowed socket.
   *
   * @returns true if `closed` follows; otherwise that was all
   * @throws if the code or the reason is not allowed
   */
  close(code: number, reason: string): boolean | void;
  /**
   * Joins a room.
   *
   * @param params called at each join; the same function for a repeated join of the same
   * @param onAnswer hears of every answer, where the library joins again by itself
   */
  join(room: string, params: () => object, onAnswer: OnAnswer): void;
  readonly leave: (room: string, onAnswer: OnAnswer) => void;
  /**
   * Copies a message into its form on the wire.
   *
   * @param room undefined for a message to nobody in particular
   * @param isPush something if the message asks for an answer
   * @returns sends it
   * @throws if it cannot be carried
   */
  prepare(
    room: string | undefined,
    event: string,
    message: unknown,
    onAnswer: OnAnswer,
    isPush: unknown,
  ): () => void;
}

/** What a carrier tells its Channel. The functions need no `this`. */
export interface CarrierEvents {
  /** The handshake is done. A borrowed socket is open then; another, unless a refusal follows. */
  readonly connected: (event?: unknown) => void;
  /** The other side has let the connection in. By itself soon after `connected`. */
  readonly opened: () => void;
  /**
   * The connection has ended, or was not made.
   *
   * @param isFinal whether it is no use to come back; default false
   * @param reason why, if the event does not say so
   */
  readonly closed: (event: CloseInfo, isFinal?: boolean, reason?: string) => void;
  /** @param meta has the `offset` of a message that is in the room's log */
  readonly heard: (
    room: string | undefined,
    event: string,
    payload: unknown,
    meta?: unknown,
  ) => void;
  /** The other side refuses the connection, or something that asked for no answer. */
  readonly refused: (answer: Answer, room?: string) => void;
}
