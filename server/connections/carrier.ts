import type { Close } from "../codes.ts";
import type { Message } from "./message.ts";

/** What moves a connection's messages: a raw WebSocket, later a long-poll session. */
export interface Carrier {
  /** Name of the transport, as Socket.IO shows it. */
  readonly name: string;
  /** Sends one message. What cannot be sent any more is dropped: the connection is ending. */
  send(message: Message): void;
  /** Ends the connection, telling the client why. Harmless when repeated. */
  close(close: Close): void;
  /** Cuts the connection without a word. Harmless when repeated. */
  destroy(): void;
}
