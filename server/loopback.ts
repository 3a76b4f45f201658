import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/**
 * Whether an address to listen on can be reached from this machine only: 127.0.0.0/8, `::1` or
 * `localhost`. Any other name counts as reachable from elsewhere, whatever it resolves to.
 *
 * @example
 * isLoopback("127.0.0.1"); // true
 * isLoopback("0.0.0.0"); // false
 */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host.toLowerCase() === "localhost";
  if (host.includes("%")) return false;
  return loopback.check(host, family === 4 ? "ipv4" : "ipv6");
}

/** The options that decide whether a server may listen on its host. */
export interface ListenRequest {
  readonly host: string;
  readonly auth: {
    readonly jwtSecret?: string | undefined;
    readonly jwtPublicKey?: string | undefined;
  };
}

/**
 * Why a server with these options must not listen, or `undefined` if it may: without a secret and
 * without a public key the house is open, and an open house stays on loopback.
 */
export function listenRefusal({ host, auth }: ListenRequest): string | undefined {
  if (auth.jwtSecret !== undefined || auth.jwtPublicKey !== undefined) return undefined;
  if (isLoopback(host)) return undefined;
  return `refusing to listen on ${host} without a secret: set --jwt-secret, JWT_SECRET or [channel] jwt_secret`;
}
