import type { Commonroom } from "../../server/index.ts";
import { connectRaw, type RawClient } from "../support/raw-client.ts";
import { startServer } from "../support/server.ts";

/** A phoenix.js connection by hand. */
export function connect(wsUrl: string): Promise<RawClient> {
  return connectRaw(`${wsUrl}/websocket?vsn=2.0.0`);
}

/** A server with channels, and a client. */
export async function setUp(declare: (commonroom: Commonroom) => void) {
  const server = await startServer();
  declare(server.commonroom);
  const client = await connect(server.wsUrl);
  return { server, client };
}

/** A client's heartbeat. Its reply shows that nothing came before it. */
export const heartbeat = [null, "h", "phoenix", "heartbeat", {}];

/** Joins, and takes the reply. */
export async function join(client: RawClient, room: string, params: object = {}): Promise<unknown> {
  client.send(["1", "1", room, "phx_join", params]);
  return client.next();
}
