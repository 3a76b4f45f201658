import type { ListenAddress } from "../listen.ts";
import type { Options } from "../options.ts";
import { displayed, named, withoutPassword } from "../settings/display.ts";
import type { Status } from "../status.ts";

/**
 * The lines that a server prints when it starts: the live page first, then what each kind of
 * client connects to, Redis, and whether a join needs a token. Contains no secret.
 *
 * @param workers how many processes serve
 */
export function bannerLines(
  address: ListenAddress,
  options: Options,
  redis: Status["redis"],
  workers = 1,
): readonly string[] {
  const url = withoutPassword(address.url).replace(/\/+$/, "");
  const socketUrl = url.replace(/^http/i, "ws");
  // Processes would be in one worker's memory.
  const isShared = workers === 1 || options.redisUrl !== undefined;
  const rows: readonly (readonly [string, string])[] = [
    ["Live page", `${url}/`],
    ...(options.publicUrl === undefined ? [] : [["Listening", listening(address)] as const]),
    ["phoenix.js", `${socketUrl}/socket or ${socketUrl}/websocket`],
    ["Socket.IO", url],
    ["plain JSON", `${socketUrl}/ws`],
    ["Tower", `${socketUrl}/websocket/`],
    ["ColonyOS", coloniesLine(url, address, isShared)],
    ...(workers === 1 ? [] : [["Workers", `${workers} processes`] as const]),
    ["Redis", redisLine(options, redis)],
    ["Tokens", tokensLine(options)],
  ];
  return rows.map(([name, text]) => `  ${name.padEnd(12)}${text}`);
}

function listening({ host, port }: ListenAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** ColonyOS clients take a host and a port. */
function coloniesLine(
  url: string,
  { host, coloniesPort }: ListenAddress,
  isShared: boolean,
): string {
  if (!isShared) return "off; several workers need a Redis for it";
  if (coloniesPort === undefined) return `${url}/api; to add their own port: --colonies-port 50080`;
  return `${url}/api and port ${coloniesPort} on ${host}`;
}

function redisLine({ redisUrl }: Options, redis: Status["redis"]): string {
  if (redisUrl === undefined) return "off; to add it: --redis redis://127.0.0.1:6379";
  const state = redis === "up" ? "" : " (not reachable yet)";
  return `PUBLISH to:<room>:<event> <json> on ${withoutPassword(redisUrl)}${state}`;
}

function tokensLine({ auth }: Options): string {
  if (auth.jwtSecret === undefined && auth.jwtPublicKey === undefined) {
    return "open house: a join needs no token; set --jwt-secret to require one";
  }
  const rooms = auth.anonymous.map(named).join(", ");
  const except = rooms === "" ? "" : `, but not in ${rooms}`;
  if (auth.jwtSecret === undefined) {
    return `a join needs a token signed with the key of jwt_public_key${except}`;
  }
  return `a join needs a token${except}; to sign one: commonroom token --channel 'chat:*'`;
}

/** One line for a server that could not start. */
export function listenProblem(error: unknown, options: Options): string {
  const { host } = options;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const { port, flag } = concernedPort(error, options);
  switch (code) {
    case "EADDRINUSE":
      return `port ${port} on ${host} is taken; choose another with ${flag}`;
    case "EACCES":
      return `no permission to listen on port ${port} on ${host}; choose another with ${flag}`;
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
    case "EINVAL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `host ${displayed(host)} is no address of this machine; choose another with --host`;
    default:
      return firstLine(error);
  }
}

/** The port that an error is about, and the flag that changes it. */
function concernedPort(error: unknown, { port, colonies }: Options) {
  const isFurther = error instanceof Error && "port" in error && error.port === colonies.port;
  return isFurther && colonies.port !== undefined
    ? { port: colonies.port, flag: "--colonies-port" }
    : { port, flag: "--port" };
}

/** What an error says, on one line. */
export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n", 1)[0] ?? "";
}
