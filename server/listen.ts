import type { Server } from "node:net";

/** Where a server listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** The configured public address, or the one that a browser on this machine opens. */
  readonly url: string;
  /** The further port for ColonyOS clients, where `colonies.port` asks for one. */
  readonly coloniesPort?: number;
}

/**
 * Connections that may wait to be accepted, as far as the system allows. With Node's own 511 a part
 * of a crowd that comes back at once has to try again.
 */
const BACKLOG = 4096;

/** Addresses that mean "all of them", which a browser cannot open. */
const ANY_ADDRESS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/**
 * Listens.
 *
 * @returns the address, with the port that was taken where 0 was asked for
 * @throws the system's error, such as `EADDRINUSE`; also where the server is closed meanwhile
 */
export async function listen(
  server: Server,
  options: {
    readonly host: string;
    readonly port: number;
    readonly publicUrl?: string | undefined;
  },
): Promise<ListenAddress> {
  const { host, publicUrl } = options;
  await new Promise<void>((resolve, reject) => {
    const onClose = (): void => reject(new Error("closed before it listened"));
    server.once("error", reject);
    server.once("close", onClose);
    server.listen({ port: options.port, host, backlog: BACKLOG }, () => {
      server.off("error", reject);
      server.off("close", onClose);
      resolve();
    });
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  const name = ANY_ADDRESS.has(host) ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return { host, port, url: publicUrl ?? `http://${name}:${port}` };
}
