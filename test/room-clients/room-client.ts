/** One message as a client's handlers saw it: those of its room, or those of all messages. */
export interface Heard {
  readonly via: "room" | "all";
  readonly room: string | undefined;
  readonly event: string;
  readonly message: unknown;
}

/** A failure, as the client's own type of error tells it. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
}

/** How a client is made. */
export interface OpenOptions {
  readonly autoReconnect?: boolean;
  /** In seconds. */
  readonly reconnectDelay?: number;
  readonly maxReconnectAttempts?: number;
}

/** A `Channel` of any implementation, driven from a test. It rejects with a {@link Failure}. */
export interface RoomClient {
  connect(): Promise<void>;
  close(): Promise<void>;
  join(room: string, params?: object): Promise<unknown>;
  leave(room: string): Promise<void>;
  send(message: unknown, room?: string): Promise<void>;
  push(room: string, event: string, payload: unknown): Promise<unknown>;
  rooms(): Promise<readonly string[]>;
  state(): Promise<string>;
  /** Registers a handler for the messages of a room, before or after its join. */
  listen(room: string): Promise<void>;
  /** All messages so far, in order; bytes as a Uint8Array. */
  heard(): Promise<readonly Heard[]>;
  /** What the error handlers got so far. */
  errors(): Promise<readonly Failure[]>;
  /** The close codes that the close handlers got so far. */
  closes(): Promise<readonly number[]>;
  /** Releases everything. Harmless when repeated. */
  stop(): Promise<void>;
}

/** One implementation on one carrier. */
export interface RoomClientKind {
  readonly name: string;
  open(serverWsUrl: string, options?: OpenOptions): Promise<RoomClient>;
}
