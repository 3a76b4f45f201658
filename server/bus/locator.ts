import { createClient, type RedisClientType } from "redis";
import { z } from "zod";

/** Where Redis is now: one server, or the nodes of a cluster that are known. */
export type Location =
  | { readonly kind: "server"; readonly url: string }
  | { readonly kind: "cluster"; readonly urls: readonly string[] };

/** Redis behind Sentinels: where they are, and what the master is called. */
export interface SentinelAddress {
  readonly sentinels: readonly string[];
  readonly masterName: string;
  /** User and password of Redis itself, as they stand in an address: `ann:secret@`. */
  readonly credentials: string;
  /** Number of the database; empty for the first. */
  readonly database: string;
}

const SENTINEL_URL =
  /^redis\+sentinel:\/\/(?<credentials>[^@/]*@)?(?<hosts>[^@/]+)\/(?<name>[^/?#]+)(?:\/(?<database>\d+))?$/;
const CLUSTER_URL =
  /^(?<scheme>rediss?)\+cluster:\/\/(?<credentials>[^@/]*@)?(?<hosts>[^@/?#]+)\/?$/;
const HOST = /^(?:[^:[\],]+|\[[0-9a-fA-F:]+\])(?::(?<port>\d{1,5}))?$/;
/** What may follow the host of one server: nothing, or the number of a database. */
const DATABASE = /^\/?\d*$/;
const LAST_PORT = 65_535;
const DEFAULT_PORT = 6379;
const DEFAULT_SENTINEL_PORT = 26_379;
const ANSWER_TIMEOUT_MS = 1000;

/** What a Sentinel answers: the master's host and port. */
const masterSchema = z.tuple([z.string(), z.string()]);

/**
 * Whether an address can be one of Redis: `redis://host:port`, `rediss://…` with TLS,
 * `redis+sentinel://host:port,host:port/name` with Sentinels and the name of their master, or
 * `redis+cluster://host:port,host:port` with some nodes of a cluster.
 */
export function isRedisUrl(url: string): boolean {
  if (url.startsWith("redis+sentinel:")) return readSentinelUrl(url) !== undefined;
  if (/^rediss?\+cluster:/.test(url)) return readClusterUrl(url) !== undefined;
  return /^rediss?:\/\//.test(url) && URL.canParse(url) && DATABASE.test(new URL(url).pathname);
}

/**
 * Reads `redis+cluster://[user:password@]host:port,host:port`, or `rediss+cluster:` with TLS.
 *
 * @returns an address for each of the nodes
 */
export function readClusterUrl(url: string): readonly string[] | undefined {
  const { scheme, credentials = "", hosts } = CLUSTER_URL.exec(url)?.groups ?? {};
  const nodes = hosts?.split(",");
  if (!nodes?.every(isHost)) return undefined;
  return nodes.map((host) => `${scheme}://${credentials}${withPort(host, DEFAULT_PORT)}`);
}

/** Reads `redis+sentinel://[user:password@]host:port,host:port/name[/database]`. */
export function readSentinelUrl(url: string): SentinelAddress | undefined {
  const { credentials = "", hosts, name, database = "" } = SENTINEL_URL.exec(url)?.groups ?? {};
  const sentinels = hosts?.split(",");
  const masterName = decode(name);
  if (!sentinels?.every(isHost) || masterName === undefined) return undefined;
  return { sentinels, masterName, credentials, database };
}

/** A percent-encoded name, or undefined where it is encoded wrongly. */
function decode(name: string | undefined): string | undefined {
  try {
    return name && decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

function isHost(text: string): boolean {
  const groups = HOST.exec(text)?.groups;
  return groups !== undefined && Number(groups["port"] ?? 0) <= LAST_PORT;
}

/**
 * Makes the function that finds Redis: where it is, asked anew for each connection. Where there are
 * Sentinels, the first that answers is asked; it rejects where none knows a master.
 */
export function locator(url: string): () => Promise<Location> {
  const urls = readClusterUrl(url);
  if (urls !== undefined) return () => Promise.resolve({ kind: "cluster", urls });
  const address = readSentinelUrl(url);
  if (address === undefined) return () => Promise.resolve({ kind: "server", url });
  const { sentinels, masterName, credentials, database } = address;
  return async () => {
    for (const sentinel of sentinels) {
      const master = await ask(sentinel, masterName);
      if (master === undefined) continue;
      return { kind: "server", url: `redis://${credentials}${master}/${database}` };
    }
    throw new Error(`no Sentinel knows a master ${masterName}`);
  };
}

/** Where a Sentinel says that the master is, or undefined. */
async function ask(sentinel: string, masterName: string): Promise<string | undefined> {
  const client: RedisClientType = createClient({
    url: `redis://${withPort(sentinel, DEFAULT_SENTINEL_PORT)}`,
    socket: { reconnectStrategy: false, connectTimeout: ANSWER_TIMEOUT_MS },
  });
  client.on("error", () => {
    // What is asked of it then rejects.
  });
  const deadline = setTimeout(() => client.destroy(), ANSWER_TIMEOUT_MS);
  try {
    await client.connect();
    const found = await client.sendCommand(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", masterName]);
    const [host, port] = masterSchema.parse(found);
    return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  } catch {
    // Another one may know.
    return undefined;
  } finally {
    clearTimeout(deadline);
    client.destroy();
  }
}

/** The password in an address of Redis. Of several servers each may have one, the same. */
export function passwordIn(url: string): string | undefined {
  return /^[^/]*\/\/[^:@/,]*:([^@/,]+)@/.exec(url)?.[1];
}

/** @param host one that {@link isHost} has let pass: what ends with a bracket has no port yet */
function withPort(host: string, port: number): string {
  return host.endsWith("]") || !host.includes(":") ? `${host}:${port}` : host;
}
