import type { Duplex } from "node:stream";
import type { Socket } from "socket.io";
import { type Close, closes } from "../codes.ts";
import type { Batch } from "./batch.ts";

/** An Engine.IO connection of a native Socket.IO client. */
export type EngineIoConnection = Socket["conn"];

/** What a native connection needs of its surroundings. */
export interface NativeContext {
  readonly batch: Batch;
  /** Most that may wait for one reader, in bytes. */
  readonly maxBacklogBytes: number;
  /** Called once, when the reader is closed for being too slow. */
  readonly onSlowReader: () => void;
}

/** The parts of `ws` and of Engine.IO's WebSocket transport that neither documents. */
interface UndocumentedWebSocket {
  readonly _socket?: Duplex | null;
  close(code: number, reason: string): void;
}
interface UndocumentedTransport {
  readonly name: string;
  readonly socket?: UndocumentedWebSocket;
}

interface UndocumentedEngineSocket {
  /** Packets that the transport has not taken yet. */
  readonly writeBuffer: readonly NativePacket[];
}

interface NativePacket {
  readonly data?: unknown;
  /** The frame of a broadcast: one and the same array for all its recipients. */
  readonly options?: { readonly wsPreEncodedFrame?: Buffer[] };
}

/**
 * Gives a native connection what foreign ones have: the writes of one turn go out together, and
 * what waits for a slow reader is bounded.
 */
export function tuneNative(connection: EngineIoConnection, context: NativeContext): void {
  let bufferedBytes = 0;
  connection.on("packetCreate", (packet: NativePacket) => {
    joinFrame(packet.options?.wsPreEncodedFrame);
    bufferedBytes += sizeOf(packet.data);
    const waitingBytes = bufferedBytes + (streamOf(connection)?.writableLength ?? 0);
    if (waitingBytes <= context.maxBacklogBytes || bufferedBytes === sizeOf(packet.data)) return;
    bufferedBytes = Number.NEGATIVE_INFINITY;
    context.onSlowReader();
    // Socket.IO is in the middle of writing to this connection.
    setImmediate(() => endNative(connection, closes.slow_reader));
  });
  connection.on("flush", () => {
    bufferedBytes = Math.min(bufferedBytes, 0);
    const stream = streamOf(connection);
    if (stream !== undefined) context.batch.hold(stream);
  });
}

/** Ends a native connection; over WebSocket with the close code, over long-polling without. */
export function endNative(connection: EngineIoConnection, close: Close): void {
  webSocketOf(connection)?.close(close.code, close.reason);
  // Socket.IO writes to it no longer, although the peer may take its time to answer.
  connection.close(true);
}

/** How many bytes wait for a native client. */
export function nativeWaitingBytes(connection: EngineIoConnection): number {
  const { writeBuffer } = connection as unknown as UndocumentedEngineSocket;
  const buffered = writeBuffer.reduce((sum, { data }) => sum + sizeOf(data), 0);
  return buffered + (streamOf(connection)?.writableLength ?? 0);
}

/** The TCP stream of a native connection that has a WebSocket. */
export function streamOf(connection: EngineIoConnection): Duplex | undefined {
  return webSocketOf(connection)?._socket ?? undefined;
}

function webSocketOf(connection: EngineIoConnection): UndocumentedWebSocket | undefined {
  const transport = connection.transport as unknown as UndocumentedTransport;
  return transport.name === "websocket" ? transport.socket : undefined;
}

function sizeOf(data: unknown): number {
  if (typeof data === "string") return data.length;
  return data instanceof Uint8Array ? data.byteLength : 0;
}

/** Joins header and payload once, which saves every member a gathering write. */
function joinFrame(frame: Buffer[] | undefined): void {
  if (frame !== undefined && frame.length > 1) frame.splice(0, frame.length, Buffer.concat(frame));
}
