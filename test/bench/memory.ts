import { setTimeout as sleep } from "node:timers/promises";
import { type Client, connectClients } from "./clients/client.ts";
import type { Greeting } from "./clients/greeting.ts";
import { type ServerName, type ServerProcess, startServer } from "./server-process.ts";

/** What one idle connection costs a server, in bytes. */
export interface ConnectionMemory {
  /** As the system counts it. */
  readonly rssBytes: number;
  /** What JavaScript holds: used heap and external buffers. */
  readonly heldBytes: number;
}

/** Connections that come and go first, so that code and pools are there before the measurement. */
const WARM_UP = 200;
/** Time for sockets to close, and for the last timers of the handshakes. */
const SETTLE_MS = 500;

/** Measures idle connections, with a full garbage collection before and after them. */
export async function measureMemory(
  name: ServerName,
  connections: number,
  greetingOf: (index: number) => Greeting,
): Promise<ConnectionMemory> {
  const server = await startServer(name);
  cutAll(await connectClients(server.port, WARM_UP, greetingOf));
  const before = await settled(server);
  const clients = await connectClients(server.port, connections, greetingOf);
  const after = await settled(server);
  await server.usage();
  cutAll(clients);
  await server.stop();
  return {
    rssBytes: (after.rssBytes - before.rssBytes) / connections,
    heldBytes: (after.heldBytes - before.heldBytes) / connections,
  };
}

async function settled(server: ServerProcess) {
  await sleep(SETTLE_MS);
  await server.usage(true);
  await sleep(SETTLE_MS);
  return server.usage(true);
}

function cutAll(clients: readonly Client[]): void {
  for (const client of clients) client.cut();
}
