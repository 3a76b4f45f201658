import { z } from "zod";
import { isRedisUrl } from "./bus/locator.ts";
import { isOriginPattern } from "./connections/origin.ts";
import { parseDurationSecs } from "./duration.ts";
import { areAlike } from "./rooms/aliases.ts";

const seconds = z.int().positive();
const redisUrlError = "expected an address such as redis://127.0.0.1:6379";
/** Node's timers take 2^31 - 1 ms at most, and some of ours wait half as long again. */
const LONGEST_WAIT_MS = 1_000_000_000;
const milliseconds = z.int().nonnegative().max(LONGEST_WAIT_MS);
const bytes = z.int().positive();

/** A room name, or a prefix with one trailing `*`. `chat:*` covers `chat:` and `chat:lobby`, not `chat`. */
export const roomPattern = z
  .string()
  .min(1)
  .regex(/^[^*]*\*?$/, "may contain * only as its last character");

/** A length of time: `30s`, `15m`, `1h`, `7d` or a number of seconds. */
const duration = z
  .union([z.string(), z.number()])
  .refine((given) => parseDurationSecs(String(given)) !== undefined, {
    error: "expected a time such as 30s, 15m, 1h or 7d",
  });

/** How a room's log is kept. */
export const logSchema = z.strictObject({
  /** Most messages that are kept. */
  size: z.int().positive().max(1_000_000).default(1000),
  /** How long a message is kept: `30s`, `15m`, `1h`, `7d` or a number of seconds. */
  ttl: duration.default("1h"),
});

/** Settings of the rooms that match a pattern; the first pattern that matches wins. */
export const roomSettingsSchema = z
  .strictObject({
    /** Which rooms: an exact name, or a prefix with one trailing `*`. */
    match: roomPattern,
    /**
     * Other names of these rooms: `job:*` beside the match `job_events-*` makes `job:42` and
     * `job_events-42` one room. Each has a trailing `*` exactly if the match has one.
     */
    aliases: z.array(roomPattern).default([]),
    /** Where a client's push goes: to the other members, to the backends on Redis, or both. */
    deliver: z.enum(["members", "backends", "both"]).default("both"),
    /** Whether the sender of a push receives the event as well as its reply. */
    echo: z.boolean().default(false),
    /** Whether members are tracked and told of each other. */
    presence: z.boolean().default(true),
    /** Keeps the last messages, for members that come back. Default: no log. */
    log: logSchema.optional(),
    /**
     * Where a Phoenix member finds the offset of a logged message. `payload`: as `_offset` in a
     * payload that is an object. `envelope`: the payload becomes `{"offset", "payload"}`. `none`:
     * nowhere. Default: `payload`.
     */
    phoenixOffset: z.enum(["none", "payload", "envelope"]).optional(),
  })
  .refine(({ match, aliases }) => aliases.every((alias) => areAlike(match, alias)), {
    path: ["aliases"],
    error: "an alias must end with * exactly if match does",
  });

/** A page's origin: `https://a.com`, `//a.com` of any scheme and port, `//*.a.com` with subdomains. */
const originPattern = z
  .string()
  .refine(isOriginPattern, "must be an origin such as https://a.com, //a.com:81 or //*.a.com");

const connectSchema = z.strictObject({
  /**
   * How a Phoenix client over WebSocket is refused. `status`: by an HTTP status, as in Phoenix; a
   * browser hides it from its page. `close`: by a close frame right after the upgrade, with a code
   * and a reason that a page can read.
   */
  refusal: z.enum(["status", "close"]).default("status"),
});

const authSchema = z.strictObject({
  /**
   * Shared secret of HS256 tokens. Without it (and without a public key) the house is open: the
   * server listens on loopback only, and a join needs no token.
   */
  jwtSecret: z.string().min(1).optional(),
  /** PEM public key of RS256 or ES256 tokens, beside or instead of the secret. */
  jwtPublicKey: z.string().min(1).optional(),
  /** Life of the tokens that `POST /token` signs, in seconds. Tangram's default: ten years. */
  jwtExpirationSecs: seconds.default(315_360_000),
  /** How long after its `exp` a token still counts, in seconds, for clocks that differ. */
  leewaySecs: z.int().nonnegative().default(0),
  /** Rooms that need no token although a secret is set. */
  anonymous: z.array(roomPattern).default([]),
  /**
   * Who may ask `POST /token`: `loopback` opens it while the server listens on loopback only, and
   * no `publicUrl` tells of a proxy before it; `open` always, `off` never. API keys open it
   * everywhere for those who hold one.
   */
  tokenEndpoint: z.enum(["loopback", "open", "off"]).default("loopback"),
  /**
   * Which pages may connect. `false`: all. `true`: those of the host of `publicUrl`, or else of
   * `host`. `"conn"`: those of the request's own scheme, host and port. A list: those it names, as
   * `https://a.com`, `//a.com`, `//a.com:81` or `//*.a.com`. Clients that are no browsers send no
   * origin, and pass.
   */
  checkOrigin: z
    .union([z.boolean(), z.literal("conn"), z.array(originPattern)], {
      error: 'expected true, false, "conn" or a list of origins such as https://a.com or //*.a.com',
    })
    .default(false),
  /** Keys that open `POST /token`, and `POST /publish` for every room, as `Authorization: Bearer`. */
  apiKeys: z.array(z.string().min(16)).default([]),
});

const plainSchema = z.strictObject({
  /** Whether a join and a leave that ask for no reply are acknowledged by `{"status", "room"}`. */
  acknowledge: z.boolean().default(false),
  /** Whether messages to members name their room in `_room`. */
  keepRoom: z.boolean().default(true),
  /**
   * What becomes of a message that names no room. `error`: it is refused. `echo`: its sender gets
   * it back. `broadcast`: it goes to the room `everyone`, which every plain client then joins.
   */
  withoutRoom: z.enum(["error", "echo", "broadcast"]).default("error"),
  /** Whether a client that may join a room may send to it without having joined. */
  sendWithoutJoin: z.enum(["refuse", "allow"]).default("refuse"),
});

/** A path that comes before others: `/awx`, without a slash at its end. */
const pathPrefix = z
  .string()
  .regex(/^(?:\/[A-Za-z0-9._~-]+)+$/, "must be a path such as /awx, without a slash at its end");

const towerSchema = z.strictObject({
  /**
   * How a good request is answered. `current`: by the sets of groups, as AWX does since 2020.
   * `silent`: not at all, as before.
   */
  profile: z.enum(["current", "silent"]).default("current"),
  /** Paths under which the addresses are served besides: `/awx` adds `/awx/websocket/` and others. */
  prefixes: z.array(pathPrefix).default([]),
  /**
   * Secret that AWX's task nodes share with its web nodes (`BROADCAST_WEBSOCKET_SECRET`). Without
   * it there is no address for them.
   */
  relaySecret: z.string().min(1).optional(),
});

/** SHA3-256 of a public key, as ColonyOS has it. */
const identity = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "must be an identity: 64 characters 0-9 and a-f, in lower case");
const colonyName = z.string().min(1).max(255);

/** ColonyOS: who takes part, and how much of it. */
const coloniesSchema = z.strictObject({
  /** Identity of the server's owner, who adds colonies. Without it nobody does. */
  serverId: identity.optional(),
  /**
   * A further port on the same host, since ColonyOS clients know 50080; 0 takes a free one.
   * Default: none.
   */
  port: z.int().min(0).max(65_535).optional(),
  /** Colonies that are there from the start, with the identities of their owners. */
  colonies: z.array(z.strictObject({ name: colonyName, id: identity })).default([]),
  /** Executors that are there from the start, approved. */
  executors: z
    .array(z.strictObject({ colony: colonyName, name: colonyName, type: colonyName, id: identity }))
    .default([]),
  /** Users that are there from the start. */
  users: z
    .array(z.strictObject({ colony: colonyName, name: colonyName, id: identity }))
    .default([]),
  /** Entries that one channel takes; further ones are refused. */
  maxChannelEntries: z.int().positive().max(1_000_000).default(10_000),
  /** Payloads that one channel takes; further ones are refused. */
  maxChannelBytes: bytes.default(16_777_216),
  /** Channels that one process may declare. */
  maxChannelsPerProcess: z.int().positive().default(100),
  /** Entries that the channels of a process take at once. */
  appendBurst: z.int().positive().default(500),
  /** Entries that they take in a second, for as long as they come. */
  appendsPerSec: z.int().positive().default(100),
  /** Processes of one colony that may wait or run. */
  maxProcesses: z.int().positive().default(10_000),
  /** Executors that may wait for a process at one node. */
  maxWaitingAssigns: z.int().positive().default(10_000),
  /** Processes that have ended well, and such that have not, which are kept at most. */
  maxEndedProcesses: z.int().positive().default(100_000),
  /** How long a process is kept that has ended. */
  keepEndedMs: z.int().positive().default(86_400_000),
});

const limitsSchema = z.strictObject({
  /** Largest frame, packet or request body. */
  maxFrameBytes: bytes.default(1_048_576),
  /** Most that may wait for one slow reader before it is closed with 1013. */
  maxBacklogBytes: bytes.default(1_048_576),
  /** Rooms one connection may be in. */
  maxRoomsPerConnection: z.int().positive().default(100),
  /** Requests of one member that may wait for the one that its channel is busy with. */
  maxWaitingPushes: z.int().positive().default(1000),
  /** Largest presence meta a join may bring. */
  maxMetaBytes: bytes.default(4096),
  /** How long a connection may go without showing its dialect. */
  dialectTimeoutMs: milliseconds.default(10_000),
  /**
   * How long a connection may be silent. phoenix.js sends a heartbeat every 30 s; plain clients are
   * pinged after two fifths of this time.
   */
  idleTimeoutMs: milliseconds.default(60_000),
  /** How long a long-poll request waits. A session without one for half as long again ends. */
  longPollWindowMs: z.int().positive().max(LONGEST_WAIT_MS).default(10_000),
  /** How long joins and leaves are gathered into one `presence_diff`. */
  presenceWindowMs: milliseconds.default(50),
  /**
   * How long another node may be silent before its members count as gone. The same on all nodes.
   */
  presenceTimeoutMs: z.int().min(100).default(10_000),
  /** Payloads that one room's log may keep, but for the newest. */
  maxLogBytes: bytes.default(4_194_304),
  /**
   * Payloads that all logs of a node may keep; the logs idle for longest lose theirs, but those of
   * ColonyOS channels, which refuse what is too much.
   */
  maxLogsBytes: bytes.default(268_435_456),
  /**
   * Logs a node may keep of rooms without members, apart from ColonyOS channels; the one idle for
   * longest is forgotten.
   */
  maxLogs: z.int().positive().default(10_000),
  /** New connections that a node takes in a second; more than that wait for their turn. */
  connectsPerSec: z.int().positive().default(2000),
  /** Joins that a node takes in a second; more than that wait for their turn. */
  joinsPerSec: z.int().positive().default(5000),
  /** Connections that may wait for their turn; further ones are told to come later. */
  maxWaitingConnects: z.int().positive().default(20_000),
  /** Joins that may wait for their turn; further ones are refused. */
  maxWaitingJoins: z.int().positive().default(50_000),
  /** Connections that a shutdown closes at once. */
  drainBatchSize: z.int().positive().default(10_000),
  /** How long a shutdown waits before it closes the next ones. The last time it closes all. */
  drainEveryMs: milliseconds.default(2000),
  /** How long a shutdown may take before the remaining connections are cut. */
  shutdownTimeoutMs: milliseconds.default(10_000),
});

/** Hosts that no page can have. */
const ANY_ADDRESS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);
const NO_OWN_HOST = {
  path: ["auth", "checkOrigin"],
  error: "true needs publicUrl, since host names no address that a browser could open",
};

/** Every option of the server with its default. Settings files and flags end up here. */
export const optionsSchema = z
  .strictObject({
    /** Address to listen on. Anything but loopback needs a secret or a public key. */
    host: z.string().min(1).default("127.0.0.1"),
    /** Port to listen on; 0 takes a free one. */
    port: z.int().min(0).max(65_535).default(2347),
    /** Address that browsers use, where it differs from host and port. */
    publicUrl: z.url({ protocol: /^https?$/ }).optional(),
    /**
     * Redis of the backends and of the other nodes: `redis://host:port`, `rediss://…` with TLS, or
     * `redis+sentinel://host:port,host:port/name` with Sentinels and the name of their master, or
     * `redis+cluster://host:port,host:port` with some nodes of a cluster.
     * Without it: in memory, one node.
     */
    redisUrl: z.string().refine(isRedisUrl, redisUrlError).optional(),
    /**
     * How nodes reach each other's members. `sharded`: by sharded pub/sub, of Redis 7 and later.
     * `auto`: so where the server has it, and else by ordinary pub/sub in the same way. `classic`: as
     * other Socket.IO servers with the classic Redis adapter do, so that they take part; every node
     * hears everything. The same on all nodes.
     */
    redisAdapter: z.enum(["auto", "sharded", "classic"]).default("auto"),
    /**
     * What a node hears of backends. `rooms`: what they send to rooms that have members on it. `all`:
     * everything, with one pattern, for one node with many small rooms.
     */
    redisSubscribe: z.enum(["rooms", "all"]).default("rooms"),
    /**
     * Name of this node among those on the same Redis: no other's, and the same after a restart,
     * so that it takes the place of its former self at once. Default: host name and port.
     */
    node: z.string().min(1).max(200).optional(),
    /** Least severe log line that is written. */
    logLevel: z
      .enum(["silent", "fatal", "error", "warn", "info", "debug", "trace"])
      .default("info"),
    auth: authSchema.prefault({}),
    connect: connectSchema.prefault({}),
    /**
     * Whether the relay serves the rooms that no channel of the application covers. Default: only
     * while the application has declared no channel.
     */
    relay: z.boolean().optional(),
    /** Settings by room pattern; the first match wins, before the built-in ones. */
    rooms: z.array(roomSettingsSchema).default([]),
    /** What the document of Metafor's channels leaves open, for clients of the plain dialect. */
    plain: plainSchema.prefault({}),
    /** How AWX's and Ansible Tower's clients are served, and its task nodes. */
    tower: towerSchema.prefault({}),
    /** How ColonyOS clients are served. */
    colonies: coloniesSchema.prefault({}),
    limits: limitsSchema.prefault({}),
  })
  .refine(({ auth, host, publicUrl }) => {
    return auth.checkOrigin !== true || publicUrl !== undefined || !ANY_ADDRESS.has(host);
  }, NO_OWN_HOST);

/** What a caller may pass to `createCommonroom`: all of it optional. */
export type CommonroomOptions = z.input<typeof optionsSchema>;
/** The options with every default filled in. */
export type Options = z.output<typeof optionsSchema>;
/** Limits with their units in their names. */
export type Limits = Options["limits"];
/** How the plain dialect behaves. */
export type PlainOptions = Options["plain"];
/** How the Tower dialect behaves. */
export type TowerOptions = Options["tower"];
/** How the ColonyOS dialect behaves. */
export type ColoniesOptions = Options["colonies"];
/** Who may do what. */
export type AuthOptions = Options["auth"];
/** What a caller may say of a room's log. */
export type LogOptions = z.input<typeof logSchema>;
/** Settings of the rooms that match a pattern. */
export type RoomSettings = z.output<typeof roomSettingsSchema>;
