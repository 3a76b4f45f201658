import { randomId } from "../auth/random-id.ts";
import { signToken } from "../auth/token.ts";
import { type Options, roomPattern } from "../options.ts";
import { displayed } from "../settings/display.ts";
import { parseDurationSecs } from "./duration.ts";

/** A signed token, or what is wrong: one line a problem. */
export type TokenResult =
  | { readonly ok: true; readonly token: string }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Signs what `commonroom token` is asked for.
 *
 * @param flags - values by flag: `channel` (one or more), `id`, `ttl`; the last of a single one
 *   counts.
 * @param nowMs - the present, in milliseconds since 1970.
 */
export function tokenFor(
  flags: ReadonlyMap<string, readonly string[]>,
  { auth }: Pick<Options, "auth">,
  nowMs: number,
): TokenResult {
  const channels = flags.get("channel") ?? [];
  const ttl = flags.get("ttl")?.at(-1);
  const ttlSecs = ttl === undefined ? auth.jwtExpirationSecs : parseDurationSecs(ttl);
  const id = flags.get("id")?.at(-1) ?? randomId();
  const problems = channelProblems(channels);
  if (id === "") problems.push("--id needs a value: --id ID");
  if (ttlSecs === undefined) {
    problems.push(`--ttl = ${displayed(ttl)}: expected a time such as 30s, 15m, 1h, 7d or seconds`);
  }
  if (auth.jwtSecret === undefined) problems.push(secretMissing);
  if (problems.length > 0 || ttlSecs === undefined || auth.jwtSecret === undefined) {
    return { ok: false, problems };
  }
  const [first = "", ...others] = channels;
  const channel = others.length === 0 ? first : channels;
  return { ok: true, token: signToken({ id, channel }, auth.jwtSecret, ttlSecs, nowMs) };
}

const secretMissing =
  "no secret to sign with: set --jwt-secret, JWT_SECRET or [channel] jwt_secret, here and on " +
  "the server (without one the server makes a new secret at every start)";

function channelProblems(channels: readonly string[]): string[] {
  if (channels.length === 0) return ["--channel is missing: a room, or a pattern such as 'chat:*'"];
  return channels
    .filter((channel) => !roomPattern.safeParse(channel).success)
    .map(
      (channel) =>
        `--channel = ${displayed(channel)}: expected a room, with * only as its last character`,
    );
}
