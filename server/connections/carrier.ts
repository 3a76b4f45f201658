import type { Close } from "../codes.ts";
import type { Batch } from "./batch.ts";
import type { Message } from "./message.ts";

/** What moves a connection's messages: a raw WebSocket or a long-poll session. */
export interface Carrier {
  /** Name of the transport, as Socket.IO shows it. */
  readonly name: string;
  /** Whether it can send bytes. Where it cannot, a session must send text alone. */
  readonly carriesBytes: boolean;
  /** Whether it finds out by itself that its client has gone, so that silence proves nothing. */
  readonly noticesAbsence: boolean;
  /** How many bytes wait for the reader. */
  readonly waitingBytes: number;
  /** Whether the reader has fallen behind, so that what is sent now would come late. */
  readonly isBehind: boolean;
  /** Sends one message. What cannot be sent any more is dropped: the connection is ending. */
  send(message: Message): void;
  /** Asks the client for a sign of life, where the transport can ask. */
  ping(): void;
  /** Ends the connection, telling the client why. Harmless when repeated. */
  close(close: Close): void;
  /** Cuts the connection without a word. Harmless when repeated. */
  destroy(): void;
}

/** What a carrier needs of its surroundings. */
export interface CarrierContext {
  readonly batch: Batch;
  /** Most that may wait for this reader, in bytes. */
  readonly maxBacklogBytes: number;
  /** Called once, when the reader is closed for being too slow. */
  readonly onSlowReader: () => void;
  /** Called once, when the client has gone without a word; `reason` is told to Socket.IO. */
  readonly onGone: (reason: string) => void;
}
