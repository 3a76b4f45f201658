import { createClient, type RedisClientType } from "redis";

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
const HOST = /^(?:[^:[\],]+|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/;
const DEFAULT_PORT = 26_379;
const ANSWER_TIMEOUT_MS = 1000;

/**
 * Whether an address can be one of Redis: `redis://host:port`, `rediss://…` with TLS, or
 * `redis+sentinel://host:port,host:port/name` with Sentinels and the name of their master.
 */
export function isRedisUrl(url: string): boolean {
  if (url.startsWith("redis+sentinel:")) return readSentinelUrl(url) !== undefined;
  return /^rediss?:\/\//.test(url) && URL.canParse(url);
}

/** Reads `redis+sentinel://[user:password@]host:port,host:port/name[/database]`. */
export function readSentinelUrl(url: string): SentinelAddress | undefined {
  const {
    credentials = "",
    hosts = "",
    name,
    database = "",
  } = SENTINEL_URL.exec(url)?.groups ?? {};
  const sentinels = hosts.split(",");
  if (name === undefined || !sentinels.every((host) => HOST.test(host))) return undefined;
  return { sentinels, masterName: decodeURIComponent(name), credentials, database };
}

/**
 * Makes the function that finds Redis: its address, asked anew for each connection. Where there are
 * Sentinels, the first that answers is asked; it rejects where none knows a master.
 */
export function locator(url: string): () => Promise<string> {
  const address = readSentinelUrl(url);
  if (address === undefined) return () => Promise.resolve(url);
  const { sentinels, masterName, credentials, database } = address;
  return async () => {
    for (const sentinel of sentinels) {
      const master = await ask(sentinel, masterName);
      if (master !== undefined) return `redis://${credentials}${master}/${database}`;
    }
    throw new Error(`no Sentinel knows a master ${masterName}`);
  };
}

/** Where a Sentinel says that the master is, or undefined. */
async function ask(sentinel: string, masterName: string): Promise<string | undefined> {
  const client: RedisClientType = createClient({
    url: `redis://${/:\d+$/.test(sentinel) ? sentinel : `${sentinel}:${DEFAULT_PORT}`}`,
    socket: { reconnectStrategy: false, connectTimeout: ANSWER_TIMEOUT_MS },
  });
  client.on("error", () => {
    // What is asked of it then rejects.
  });
  const deadline = setTimeout(() => client.destroy(), ANSWER_TIMEOUT_MS);
  try {
    await client.connect();
    const found = await client.sendCommand(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", masterName]);
    if (!Array.isArray(found)) return undefined;
    const [host, port] = found.map(String);
    return host?.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  } catch {
    // Another one may know.
    return undefined;
  } finally {
    clearTimeout(deadline);
    client.destroy();
  }
}
