import { once } from "node:events";
import type { Server } from "node:http";

/** Listens on a free port of the loopback address, and resolves with it. */
export async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}
