/** Stands for every secret of this table: it must never come out. */
export const SECRET = "hunter2-hunter2-hunter2";

/** One way to start the command wrong, and what it says. */
export interface WrongStart {
  /** Beside `serve --port 0`, unless {@link command} says otherwise. */
  readonly flags?: readonly string[];
  /** The whole command line. */
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Text of `settings.toml`, which is then named by `--config`. */
  readonly file?: string;
  /** The one line, without the command's name; `<port>` stands for the port that is taken. */
  readonly says: string;
}

const identity = "0".repeat(64);
const wholePort = "expected a whole number from 0 to 65535";

const command: Readonly<Record<string, WrongStart>> = {
  "a command with a typing error": {
    command: ["serev"],
    says: "unknown command serev; did you mean serve?",
  },
  "a command that does not exist": {
    command: ["start"],
    says: "unknown command start; see commonroom --help",
  },
  "a flag in the place of a command": {
    command: ["--port", "0"],
    says: "unknown flag before a command: --port; see commonroom --help",
  },
  "a flag with a typing error, and its value": {
    command: ["serve", "--prot", "3000"],
    says: "unknown flag --prot; did you mean --port?",
  },
  "a misspelt flag for a secret": {
    flags: [`--jwt-secert=${SECRET}`],
    says: "unknown flag --jwt-secert; did you mean --jwt-secret?",
  },
  "a flag that does not exist": {
    flags: ["--verbose"],
    says: "unknown flag --verbose; see commonroom serve --help",
  },
  "a flag without its value": {
    command: ["serve", "--port"],
    says: "--port needs a value: --port PORT",
  },
  "a flag that swallowed the next one": {
    command: ["serve", "--host", "--port", "0"],
    says: "--host needs a value; write --host=VALUE for one that starts with a dash",
  },
  "the rest of a secret with a space": {
    flags: ["--jwt-secret", "my", SECRET],
    says: "argument 5 after serve is not a flag; a value with spaces needs quotes",
  },
};

const address: Readonly<Record<string, WrongStart>> = {
  "a port that is taken": {
    command: ["serve", "--port", "<port>"],
    says: "port <port> on 127.0.0.1 is taken; choose another with --port",
  },
  "a port that is taken, named by the environment": {
    command: ["serve"],
    environment: { PORT: "<port>" },
    says: "port <port> on 127.0.0.1 is taken; choose another with --port",
  },
  "a port that is taken, with several workers": {
    command: ["serve", "--port", "<port>", "--workers", "2"],
    says: "port <port> on 127.0.0.1 is taken; choose another with --port",
  },
  "a port for ColonyOS that is taken": {
    flags: ["--colonies-port", "<port>"],
    says: "port <port> on 127.0.0.1 is taken; choose another with --colonies-port",
  },
  "one port for two": {
    command: ["serve", "--colonies-port", "2347"],
    says: "--colonies-port = 2347: expected another port than that of the server itself",
  },
  "one port for two, named in a file": {
    command: ["serve", "--config", "settings.toml"],
    file: "[channel]\nport = 4711\n[colonies]\nport = 4711\n",
    says: "settings.toml: [colonies] port = 4711: expected another port than that of the server itself",
  },
  "a port that is no number": {
    command: ["serve", "--port", "http"],
    says: `--port = "http": ${wholePort}`,
  },
  "a port beyond the last": {
    command: ["serve"],
    environment: { PORT: "70000" },
    says: `environment: PORT = 70000: ${wholePort}`,
  },
  "an address of another machine": {
    flags: ["--host", "192.0.2.1", "--jwt-secret", SECRET],
    says: 'host "192.0.2.1" is no address of this machine; choose another with --host',
  },
  "a network in the place of an address": {
    flags: ["--host", "10.0.0.0/8", "--jwt-secret", SECRET],
    says: 'host "10.0.0.0/8" is no address of this machine; choose another with --host',
  },
  "an address that is only one with its interface": {
    flags: ["--host", "fe80::1", "--jwt-secret", SECRET],
    says: 'host "fe80::1" is no address of this machine; choose another with --host',
  },
  "a public address that no browser opens": {
    environment: { PUBLIC_URL: "javascript:alert(1)" },
    says: 'environment: PUBLIC_URL = "javascript:alert(1)": expected an address such as https://rooms.example.org',
  },
  "a public address without its scheme": {
    environment: { PUBLIC_URL: "rooms.example.org" },
    says: 'environment: PUBLIC_URL = "rooms.example.org": expected an address such as https://rooms.example.org',
  },
};

const redisAddress = "expected an address such as redis://127.0.0.1:6379";

const redis: Readonly<Record<string, WrongStart>> = {
  "a Redis without its scheme": {
    flags: ["--redis", "localhost:6379"],
    says: `--redis = "localhost:6379": ${redisAddress}`,
  },
  "a Redis with a misspelt scheme": {
    environment: { REDIS_URL: `redi://ann:${SECRET}@redis` },
    says: `environment: REDIS_URL = "redi://ann:***@redis": ${redisAddress}`,
  },
  "a Redis with a port beyond the last": {
    flags: ["--redis", "redis://127.0.0.1:99999"],
    says: `--redis = "redis://127.0.0.1:99999": ${redisAddress}`,
  },
  "Sentinels without the name of their master": {
    flags: ["--redis", "redis+sentinel://127.0.0.1:26379"],
    says: '--redis = "redis+sentinel://127.0.0.1:26379": expected an address such as redis+sentinel://host:26379/name, with the name of the master',
  },
  "Sentinels with a port beyond the last": {
    flags: ["--redis", "redis+sentinel://127.0.0.1:70000/mymaster"],
    says: '--redis = "redis+sentinel://127.0.0.1:70000/mymaster": expected an address such as redis+sentinel://host:26379/name, with the name of the master',
  },
  "a master's name with a broken escape": {
    flags: ["--redis", "redis+sentinel://127.0.0.1/%E0%A4"],
    says: '--redis = "redis+sentinel://127.0.0.1/%E0%A4": expected an address such as redis+sentinel://host:26379/name, with the name of the master',
  },
  "a Redis database that is no number": {
    flags: ["--redis", "redis://127.0.0.1:6379/cache"],
    says: `--redis = "redis://127.0.0.1:6379/cache": ${redisAddress}`,
  },
  "a cluster without a node": {
    flags: ["--redis", `redis+cluster://ann:${SECRET}@`],
    says: '--redis = "(hidden)": expected an address such as redis+cluster://host:6379,host:6379',
  },
  "an adapter that does not exist": {
    environment: { REDIS_ADAPTER: "streams" },
    says: 'environment: REDIS_ADAPTER = "streams": expected "auto", "sharded" or "classic"',
  },
};

const file: Readonly<Record<string, WrongStart>> = {
  "a file that is not there": {
    flags: ["--config", "no.toml"],
    says: "no.toml: no such file (from --config)",
  },
  "a file that is not there, named by the environment": {
    environment: { COMMONROOM_CONFIG: "no.toml" },
    says: "no.toml: no such file (from COMMONROOM_CONFIG)",
  },
  "a folder in the place of a file": {
    flags: ["--config", "folder.toml"],
    says: "folder.toml: a directory, not a file (from --config)",
  },
  "a file that is not UTF-8": {
    flags: ["--config", "latin1.toml"],
    says: "latin1.toml: not UTF-8 text (from --config)",
  },
  "no name of a file": {
    flags: ["--config", ""],
    says: "--config needs a value: --config FILE",
  },
  "a file with a syntax error": {
    file: `[channel]\njwt_secret = ${SECRET}\n`,
    says: "settings.toml: line 2, column 14: invalid value",
  },
  "a misspelt table": {
    file: "[chanel]\nport = 3000\n",
    says: "settings.toml: [chanel]: unknown table; did you mean [channel]?",
  },
  "a misspelt key": {
    file: "[limits]\nmax_frame_byte = 1000\n",
    says: "settings.toml: [limits] max_frame_byte: unknown key; did you mean max_frame_bytes?",
  },
  "a misspelt key of a table that Tangram has, too": {
    file: `[core]\nredis_ulr = "redis://:${SECRET}@redis"\n`,
    says: "settings.toml: [core] redis_ulr: unknown key; did you mean redis_url?",
  },
  "a key in the wrong table": {
    file: `[auth]\njwt_secret = "${SECRET}"\n`,
    says: "settings.toml: [auth] jwt_secret: unknown key; it belongs in [channel]",
  },
  "a key outside a table": {
    file: `jwt_secret = "${SECRET}"\n`,
    says: "settings.toml: jwt_secret = (hidden): a key outside a table; it belongs in [channel]",
  },
};

const secrets: Readonly<Record<string, WrongStart>> = {
  "no secret on a public address": {
    flags: ["--host", "0.0.0.0"],
    says: "refusing to listen on 0.0.0.0 without a secret: set --jwt-secret, JWT_SECRET or [channel] jwt_secret",
  },
  "a secret without a letter": {
    flags: ["--jwt-secret", ""],
    says: "--jwt-secret = (hidden): expected text of at least 1 character",
  },
  "a secret that is no text": {
    file: "[channel]\njwt_secret = [1, 2]\n",
    says: "settings.toml: [channel] jwt_secret = (hidden): expected text of at least 1 character",
  },
  "a public key that is none": {
    environment: { JWT_PUBLIC_KEY: SECRET },
    says: "environment: JWT_PUBLIC_KEY = (hidden): the public key is not a PEM public key; expected the text that begins with -----BEGIN PUBLIC KEY-----",
  },
  "an API key that is too short": {
    environment: { API_KEYS: `${SECRET},short` },
    says: "environment: API_KEYS #2 = (hidden): expected text of at least 16 characters",
  },
  "a life of tokens that is no number": {
    environment: { JWT_EXPIRATION_SECS: "1h" },
    says: 'environment: JWT_EXPIRATION_SECS = "1h": expected a whole number of at least 1',
  },
  "an empty secret of AWX's task nodes": {
    file: '[tower]\nrelay_secret = ""\n',
    says: "settings.toml: [tower] relay_secret = (hidden): expected text of at least 1 character",
  },
  "a token without a secret to sign it": {
    command: ["token", "--channel", "lobby"],
    says: "no secret to sign with: set --jwt-secret, JWT_SECRET or [channel] jwt_secret, here and on the server (without one the server makes a new secret at every start)",
  },
};

const values: Readonly<Record<string, WrongStart>> = {
  "a room's pattern with * inside": {
    file: '[[rooms]]\nmatch = "chat:*:log"\n',
    says: 'settings.toml: [[rooms]] #1 match = "chat:*:log": may contain * only as its last character',
  },
  "a room's settings without its name": {
    file: '[[rooms]]\ndeliver = "backends"\n',
    says: "settings.toml: [[rooms]] #1 match: missing; expected text of at least 1 character",
  },
  "a room's misspelt key": {
    file: '[[rooms]]\nmatch = "chat:*"\ndelivr = "both"\n',
    says: "settings.toml: [[rooms]] #1 delivr: unknown key; did you mean deliver?",
  },
  "a misspelt key of a room's log": {
    file: '[[rooms]]\nmatch = "chat:*"\nlog = { sise = 10 }\n',
    says: "settings.toml: [[rooms]] #1 log sise: unknown key; did you mean size?",
  },
  "a log that is no table": {
    file: '[[rooms]]\nmatch = "chat:*"\nlog = true\n',
    says: "settings.toml: [[rooms]] #1 log = true: expected a table with size, ttl",
  },
  "a log's life that is no time": {
    file: '[[rooms]]\nmatch = "chat:*"\nlog = { ttl = "soon" }\n',
    says: 'settings.toml: [[rooms]] #1 log ttl = "soon": expected a time such as 30s, 15m, 1h or 7d',
  },
  "a key of several words": {
    file: '[[rooms]]\nmatch = "chat:*"\nphoenix_offset = "all"\n',
    says: 'settings.toml: [[rooms]] #1 phoenix_offset = "all": expected "none", "payload" or "envelope"',
  },
  "an origin in the place of a list": {
    file: '[auth]\ncheck_origin = "https://a.com"\n',
    says: 'settings.toml: [auth] check_origin = "https://a.com": expected true, false, "conn" or a list of origins such as https://a.com or //*.a.com',
  },
  "an origin with a path": {
    file: '[auth]\ncheck_origin = ["https://a.com/page"]\n',
    says: 'settings.toml: [auth] check_origin #1 = "https://a.com/page": must be an origin such as https://a.com, //a.com:81 or //*.a.com',
  },
  "pages of a host that no page has": {
    file: `[channel]\nhost = "0.0.0.0"\njwt_secret = "${SECRET}"\n[auth]\ncheck_origin = true\n`,
    says: "settings.toml: [auth] check_origin = true: true needs publicUrl, since host names no address that a browser could open; set [channel] public_url or PUBLIC_URL",
  },
  "a limit with a unit": {
    file: '[limits]\nmax_frame_bytes = "1MB"\n',
    says: 'settings.toml: [limits] max_frame_bytes = "1MB": expected a whole number of at least 1',
  },
  "a limit that is too low": {
    file: "[limits]\npresence_timeout_ms = 5\n",
    says: "settings.toml: [limits] presence_timeout_ms = 5: expected a whole number of at least 100",
  },
  "a switch that is no true or false": {
    file: '[plain]\nacknowledge = "yes"\n',
    says: 'settings.toml: [plain] acknowledge = "yes": expected true or false',
  },
  "a profile that Tower never had": {
    file: '[tower]\nprofile = "old"\n',
    says: 'settings.toml: [tower] profile = "old": expected "current" or "silent"',
  },
  "a path without its slash": {
    file: '[tower]\nprefixes = ["awx"]\n',
    says: 'settings.toml: [tower] prefixes #1 = "awx": must be a path such as /awx, without a slash at its end',
  },
  "an identity that is none": {
    environment: { COLONIES_SERVER_ID: "0xABC" },
    says: 'environment: COLONIES_SERVER_ID = "0xABC": must be an identity: 64 characters 0-9 and a-f, in lower case',
  },
  "a user without a name": {
    file: `[[colonies.users]]\ncolony = "dev"\nid = "${identity}"\n`,
    says: "settings.toml: [colonies] users #1 name: missing; expected tables [[colonies.users]] with colony, name and id",
  },
  "a node's name that is too long": {
    flags: ["--node", "n".repeat(201)],
    says: `--node = "${"n".repeat(80)}…": expected text of 1 to 200 characters`,
  },
  "a log level that does not exist": {
    environment: { LOG_LEVEL: "loud" },
    says: 'environment: LOG_LEVEL = "loud": expected "silent", "fatal", "error", "warn", "info", "debug" or "trace"',
  },
  "no workers": {
    flags: ["--workers", "0"],
    says: '--workers = "0": expected a whole number from 1 to 1024, or auto',
  },
  "workers that are no number": {
    environment: { COMMONROOM_WORKERS: "many" },
    says: 'COMMONROOM_WORKERS = "many": expected a whole number from 1 to 1024, or auto',
  },
  "workers with a log, and without Redis": {
    flags: ["--workers", "2"],
    file: '[[rooms]]\nmatch = "chat:*"\nlog = {}\n',
    says: "the log of the rooms chat:* needs Redis where there are several workers: set --redis, or --workers 1",
  },
};

/** The wrong starts by what is wrong, and then by a name of their own. */
export const wrongStarts: Readonly<Record<string, Readonly<Record<string, WrongStart>>>> = {
  command,
  address,
  redis,
  file,
  secrets,
  values,
};
