/** What comes with the end of a connection. */
export interface CloseInfo {
  readonly code: number;
  readonly reason: string;
  readonly wasClean?: boolean;
}

/** The part of a WebSocket that a Channel needs. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

/** A class of WebSockets: the browser's, Node's, or `WebSocket` of the package `ws`. */
export type WebSocketClass = new (url: string, protocols?: string | string[]) => WebSocketLike;
