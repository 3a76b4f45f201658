import type { IncomingMessage } from "node:http";
import { isLoopback } from "../loopback.ts";

/** Which pages may connect: all, those of the server's own host, those of the request's, or a list. */
export type OriginRule = boolean | "conn" | readonly string[];

/** Whether the page that sent a request may connect. */
export type OriginCheck = (request: IncomingMessage) => boolean;

interface Origin {
  readonly scheme: string;
  readonly host: string;
  readonly port: string;
}

/** What a listed pattern asks for; undefined stands for any. */
interface Pattern {
  readonly scheme: string | undefined;
  readonly host: string;
  readonly hasSubdomains: boolean;
  readonly port: string | undefined;
}

const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([
  ["http", "80"],
  ["https", "443"],
  ["ws", "80"],
  ["wss", "443"],
]);
const PATTERN =
  /^(?:([a-z][a-z0-9+.-]*):)?\/\/(\*\.)?([^/:?#@*\s[\]]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?\/?$/i;

/**
 * Makes the check of the `Origin` header, by Phoenix's rules. A request without one passes: only
 * browsers send it. An origin without a host (`null`, `file://`) passes only if all do.
 *
 * - `false`: every page.
 * - `true`: pages whose host is `ownHost`, whatever their scheme and port. Names of this machine's
 *   loopback count as one.
 * - `"conn"`: pages whose scheme, host and port are those of the request itself. Behind a proxy
 *   that ends TLS the request's scheme is http.
 * - a list: `https://a.com` (that scheme, its default port), `//a.com` (any scheme and port),
 *   `//a.com:81`, `//*.a.com` (`a.com` and all its subdomains).
 *
 * @throws TypeError for a pattern that {@link isOriginPattern} refuses
 */
export function createOriginCheck(rule: OriginRule, ownHost: string): OriginCheck {
  if (rule === false) return () => true;
  const passes = createTest(rule, normalHost(ownHost) ?? ownHost);
  return (request) => {
    const { origin } = request.headers;
    if (origin === undefined) return true;
    const parsed = parseOrigin(origin);
    return parsed !== undefined && passes(parsed, request);
  };
}

/** Whether a text can stand in the list of a check. */
export function isOriginPattern(text: string): boolean {
  return parsePattern(text) !== undefined;
}

function createTest(
  rule: true | "conn" | readonly string[],
  ownHost: string,
): (origin: Origin, request: IncomingMessage) => boolean {
  if (rule === true) return ({ host }) => isSameHost(host, ownHost);
  if (rule === "conn") return isOwnOrigin;
  const patterns = rule.map((text) => {
    const pattern = parsePattern(text);
    if (pattern === undefined) throw new TypeError(`no origin pattern: ${text}`);
    return pattern;
  });
  return (origin) => patterns.some((pattern) => isMatch(origin, pattern));
}

function isSameHost(host: string, ownHost: string): boolean {
  return host === ownHost || (isLoopback(host) && isLoopback(ownHost));
}

function isOwnOrigin(origin: Origin, request: IncomingMessage): boolean {
  const scheme = "encrypted" in request.socket ? "https" : "http";
  const own = parseOrigin(`${scheme}://${request.headers.host ?? ""}`);
  return (
    own !== undefined &&
    origin.scheme === own.scheme &&
    origin.host === own.host &&
    origin.port === own.port
  );
}

function isMatch(origin: Origin, pattern: Pattern): boolean {
  if (pattern.scheme !== undefined && pattern.scheme !== origin.scheme) return false;
  if (pattern.port !== undefined && pattern.port !== origin.port) return false;
  if (origin.host === pattern.host) return true;
  return pattern.hasSubdomains && origin.host.endsWith(`.${pattern.host}`);
}

function parseOrigin(text: string): Origin | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const scheme = url.protocol.slice(0, -1);
  if (url.hostname === "") return undefined;
  const port = url.port === "" ? (DEFAULT_PORTS.get(scheme) ?? "") : url.port;
  return { scheme, host: bare(url.hostname), port };
}

function parsePattern(text: string): Pattern | undefined {
  const found = PATTERN.exec(text);
  const host = normalHost(found?.[3] ?? "");
  if (found === null || host === undefined) return undefined;
  const scheme = found[1]?.toLowerCase();
  const port = found[4] ?? (scheme === undefined ? undefined : (DEFAULT_PORTS.get(scheme) ?? ""));
  return { scheme, host, hasSubdomains: found[2] !== undefined, port };
}

/** A host as browsers write it in an origin, but for the brackets of an IPv6 address. */
function normalHost(host: string): string | undefined {
  const url = `http://${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}`;
  return URL.canParse(url) ? bare(new URL(url).hostname) : undefined;
}

function bare(host: string): string {
  return host.toLowerCase().replace(/^\[|\]$/g, "");
}
