import { Connection } from "./connection.ts";
import { type EngineIoConnection, waitingBytesOf } from "./engine-io.ts";

/** How many bytes wait for a client, whatever it speaks. */
export function waitingBytesFor(conn: EngineIoConnection): number {
  const connection: unknown = conn;
  return connection instanceof Connection ? connection.waitingBytes : waitingBytesOf(conn);
}
