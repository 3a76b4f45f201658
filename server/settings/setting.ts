import type { Privacy } from "./display.ts";
import { snakeCase } from "./snake-case.ts";
import { coloniesSummaries, limitSummaries } from "./summaries.ts";

/** One option and the names it has in the three sources. */
export interface Setting {
  /** Place in the options, such as `["auth", "jwtSecret"]`. */
  readonly path: readonly [string, ...string[]];
  /** Table of the settings file; `core` has keys that are not ours. */
  readonly table: string;
  /** Key in that table. */
  readonly key: string;
  /** One line for the help text. */
  readonly summary: string;
  /** Name of the flag, without its dashes. */
  readonly flag?: string;
  /** What the help text calls the flag's value. */
  readonly placeholder?: string;
  /** Environment variable. */
  readonly variable?: string;
  /** How much of the value may be printed; all of it by default. */
  readonly privacy?: Privacy;
  /** What is allowed, where the schema alone cannot say it; it may depend on what was given. */
  readonly allowed?: string | ((value: unknown) => string);
  /** What to do, where the schema says itself what is wrong. */
  readonly remedy?: string;
}

/** An address of the kind that was meant. */
function redisAddress(value: unknown): string {
  const scheme = /^(?:redis\+sentinel|rediss?\+cluster):/.exec(String(value))?.[0];
  if (scheme === undefined) return "an address such as redis://127.0.0.1:6379";
  if (scheme === "redis+sentinel:") {
    return "an address such as redis+sentinel://host:26379/name, with the name of the master";
  }
  return `an address such as ${scheme}//host:6379,host:6379`;
}

const listening: readonly Setting[] = [
  {
    path: ["host"],
    table: "channel",
    key: "host",
    flag: "host",
    placeholder: "HOST",
    variable: "HOST",
    summary: "Address to listen on; anything but loopback needs a secret",
  },
  {
    path: ["port"],
    table: "channel",
    key: "port",
    flag: "port",
    placeholder: "PORT",
    variable: "PORT",
    summary: "Port to listen on; 0 takes a free one",
  },
  {
    path: ["redisUrl"],
    table: "core",
    key: "redis_url",
    flag: "redis",
    placeholder: "URL",
    variable: "REDIS_URL",
    privacy: "url",
    allowed: redisAddress,
    summary: "Redis of the backends and of the other nodes",
  },
  {
    path: ["redisAdapter"],
    table: "core",
    key: "adapter",
    variable: "REDIS_ADAPTER",
    summary: "How nodes reach each other's members: auto, sharded or classic",
  },
  {
    path: ["redisSubscribe"],
    table: "core",
    key: "subscribe",
    variable: "REDIS_SUBSCRIBE",
    summary: "What a node hears of backends: rooms with members on it, or all",
  },
  {
    path: ["node"],
    table: "core",
    key: "node",
    flag: "node",
    placeholder: "NAME",
    variable: "NODE_NAME",
    summary: "Name of this node among others (default: host name and port)",
  },
  {
    path: ["publicUrl"],
    table: "channel",
    key: "public_url",
    variable: "PUBLIC_URL",
    privacy: "url",
    allowed: "an address such as https://rooms.example.org",
    summary: "Address that browsers use, where it is another",
  },
  {
    path: ["logLevel"],
    table: "log",
    key: "level",
    flag: "log-level",
    placeholder: "LEVEL",
    variable: "LOG_LEVEL",
    summary: "Least severe log line that is written",
  },
];

const auth: readonly Setting[] = [
  {
    path: ["auth", "jwtSecret"],
    table: "channel",
    key: "jwt_secret",
    flag: "jwt-secret",
    placeholder: "SECRET",
    variable: "JWT_SECRET",
    privacy: "secret",
    summary: "Shared secret of the tokens; without it a join needs no token",
  },
  {
    path: ["auth", "jwtPublicKey"],
    table: "auth",
    key: "jwt_public_key",
    variable: "JWT_PUBLIC_KEY",
    privacy: "secret",
    summary: "PEM public key of RS256 or ES256 tokens",
  },
  {
    path: ["auth", "jwtExpirationSecs"],
    table: "channel",
    key: "jwt_expiration_secs",
    variable: "JWT_EXPIRATION_SECS",
    summary: "Life of the tokens that this server signs, in seconds",
  },
  {
    path: ["auth", "leewaySecs"],
    table: "auth",
    key: "leeway_secs",
    summary: "How long an expired token still counts, in seconds",
  },
  {
    path: ["auth", "anonymous"],
    table: "auth",
    key: "anonymous",
    summary: "List of rooms and patterns that need no token",
  },
  {
    path: ["auth", "tokenEndpoint"],
    table: "auth",
    key: "token_endpoint",
    variable: "TOKEN_ENDPOINT",
    summary: "Who may ask POST /token: loopback, open or off",
  },
  {
    path: ["auth", "checkOrigin"],
    table: "auth",
    key: "check_origin",
    remedy: "set [channel] public_url or PUBLIC_URL",
    summary: "Which pages may connect, by their Origin header",
  },
  {
    path: ["connect", "refusal"],
    table: "connect",
    key: "refusal",
    summary: "How a client is refused: status, or close, which a page can read",
  },
  {
    path: ["auth", "apiKeys"],
    table: "auth",
    key: "api_keys",
    variable: "API_KEYS",
    privacy: "secret",
    summary:
      "Keys of 16 characters or more that open POST /token, and POST /publish for every room; " +
      "comma separated in the environment",
  },
];

const plain: readonly Setting[] = [
  {
    path: ["plain", "acknowledge"],
    table: "plain",
    key: "acknowledge",
    summary: "Whether plain joins and leaves are acknowledged",
  },
  {
    path: ["plain", "keepRoom"],
    table: "plain",
    key: "keep_room",
    summary: "Whether messages to plain clients name their room",
  },
  {
    path: ["plain", "withoutRoom"],
    table: "plain",
    key: "without_room",
    summary: "What a plain message without a room does: error, echo or broadcast",
  },
  {
    path: ["plain", "sendWithoutJoin"],
    table: "plain",
    key: "send_without_join",
    summary: "Whether plain clients may send without having joined: refuse or allow",
  },
];

const tower: readonly Setting[] = [
  {
    path: ["tower", "profile"],
    table: "tower",
    key: "profile",
    summary: "How a good request of a Tower client is answered: current or silent",
  },
  {
    path: ["tower", "prefixes"],
    table: "tower",
    key: "prefixes",
    summary: "List of paths under which Tower's addresses are served besides",
  },
  {
    path: ["tower", "relaySecret"],
    table: "tower",
    key: "relay_secret",
    variable: "TOWER_RELAY_SECRET",
    privacy: "secret",
    summary: "Secret of AWX's task nodes; without it they cannot connect",
  },
];

const colonies: readonly Setting[] = [
  {
    path: ["colonies", "serverId"],
    table: "colonies",
    key: "server_id",
    variable: "COLONIES_SERVER_ID",
    summary: "Identity of the owner of the ColonyOS server, who adds colonies",
  },
  {
    path: ["colonies", "port"],
    table: "colonies",
    key: "port",
    flag: "colonies-port",
    placeholder: "PORT",
    variable: "COLONIES_PORT",
    summary: "A further port, for ColonyOS clients; their own is 50080",
  },
  {
    path: ["colonies", "colonies"],
    table: "colonies",
    key: "colonies",
    allowed: "tables [[colonies.colonies]] with name and id",
    summary: "Colonies that are there from the start",
  },
  {
    path: ["colonies", "executors"],
    table: "colonies",
    key: "executors",
    allowed: "tables [[colonies.executors]] with colony, name, type and id",
    summary: "Executors that are there from the start",
  },
  {
    path: ["colonies", "users"],
    table: "colonies",
    key: "users",
    allowed: "tables [[colonies.users]] with colony, name and id",
    summary: "Users that are there from the start",
  },
  ...summarized("colonies", coloniesSummaries),
];

const limits = summarized("limits", limitSummaries);

/** Settings of a table that are named in the file alone. */
function summarized(table: string, summaries: Readonly<Record<string, string>>): Setting[] {
  return Object.entries(summaries).map(([name, summary]) => ({
    path: [table, name],
    table,
    key: snakeCase(name),
    summary,
  }));
}

/** Every option but `rooms`, with a table of its own for each entry, and `relay`, which is for code. */
export const settings: readonly Setting[] = [
  ...listening,
  ...auth,
  ...plain,
  ...tower,
  ...colonies,
  ...limits,
];
