import { Connection } from "./connection.ts";
import { type EngineIoConnection, nativeWaitingBytes } from "./engine-io.ts";

/** How many bytes wait for a client, whatever it speaks. */
export function waitingBytesOf(conn: EngineIoConnection): number {
  const connection: unknown = conn;
  return connection instanceof Connection ? connection.waitingBytes : nativeWaitingBytes(conn);
}
