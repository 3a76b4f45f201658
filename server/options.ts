import { z } from "zod";

const seconds = z.int().positive();
const milliseconds = z.int().nonnegative();
const bytes = z.int().positive();

/** A room name, or a prefix with one trailing `*`. `chat:*` covers `chat:` and `chat:lobby`, not `chat`. */
export const roomPattern = z
  .string()
  .min(1)
  .regex(/^[^*]*\*?$/, "may contain * only as its last character");

/** Settings of the rooms that match a pattern; the first pattern that matches wins. */
export const roomSettingsSchema = z.strictObject({
  /** Which rooms: an exact name, or a prefix with one trailing `*`. */
  match: roomPattern,
  /** Where a client's push goes: to the other members, to the backends on Redis, or both. */
  deliver: z.enum(["members", "backends", "both"]).default("both"),
  /** Whether the sender of a push receives the event as well as its reply. */
  echo: z.boolean().default(false),
  /** Whether members are tracked and told of each other. */
  presence: z.boolean().default(true),
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
   * Who may ask `POST /token`: `loopback` opens it while the server listens on loopback only,
   * `open` always, `off` never. API keys open it everywhere for those who hold one.
   */
  tokenEndpoint: z.enum(["loopback", "open", "off"]).default("loopback"),
  /** Keys that a caller of `POST /token` may send as `Authorization: Bearer`. */
  apiKeys: z.array(z.string().min(16)).default([]),
});

const limitsSchema = z.strictObject({
  /** Largest frame, packet or request body. */
  maxFrameBytes: bytes.default(1_048_576),
  /** Most that may wait for one slow reader before it is closed with 1013. */
  maxBacklogBytes: bytes.default(1_048_576),
  /** Rooms one connection may be in. */
  maxRoomsPerConnection: z.int().positive().default(100),
  /** Largest presence meta a join may bring. */
  maxMetaBytes: bytes.default(4096),
  /** How long a connection may go without showing its dialect. */
  dialectTimeoutMs: milliseconds.default(10_000),
  /** How long a Phoenix connection may be silent. phoenix.js sends a heartbeat every 30 s. */
  idleTimeoutMs: milliseconds.default(60_000),
  /** How long joins and leaves are gathered into one `presence_diff`. */
  presenceWindowMs: milliseconds.default(50),
  /** How long a shutdown may take before the remaining connections are cut. */
  shutdownTimeoutMs: milliseconds.default(10_000),
});

/** Every option of the server with its default. Settings files and flags end up here. */
export const optionsSchema = z.strictObject({
  /** Address to listen on. Anything but loopback needs a secret or a public key. */
  host: z.string().min(1).default("127.0.0.1"),
  /** Port to listen on; 0 takes a free one. */
  port: z.int().min(0).max(65_535).default(2347),
  /** Address that browsers use, where it differs from host and port. Only printed. */
  publicUrl: z.url().optional(),
  /** Redis of the backends and of the other nodes. Without it: in memory, one node. */
  redisUrl: z.url({ protocol: /^rediss?$/ }).optional(),
  /** Least severe log line that is written. */
  logLevel: z.enum(["silent", "fatal", "error", "warn", "info", "debug", "trace"]).default("info"),
  auth: authSchema.prefault({}),
  /** Settings by room pattern; the first match wins, before the built-in ones. */
  rooms: z.array(roomSettingsSchema).default([]),
  limits: limitsSchema.prefault({}),
});

/** What a caller may pass to `createCommonroom`: all of it optional. */
export type CommonroomOptions = z.input<typeof optionsSchema>;
/** The options with every default filled in. */
export type Options = z.output<typeof optionsSchema>;
/** Limits with their units in their names. */
export type Limits = Options["limits"];
/** Who may do what. */
export type AuthOptions = Options["auth"];
/** Settings of the rooms that match a pattern. */
export type RoomSettings = z.output<typeof roomSettingsSchema>;
