import { randomId } from "../auth/random-id.ts";
import { signToken } from "../auth/token.ts";
import { parseDurationSecs } from "../duration.ts";
import { type Options, roomPattern } from "../options.ts";
import { displayed } from "../settings/display.ts";

/** A signed token, or what is wrong: one line a problem. */
export type TokenResult =
  | { readonly ok: true; readonly token: string }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Signs what `commonroom token` is asked for.
 *
 * @param flags - values by flag: `channel` and `publish` (one or more of either), `id`, `ttl`; the last
 *   of a single one counts.
 * @param nowMs - the present, in milliseconds since 1970.
 */
export function tokenFor(
  flags: ReadonlyMap<string, readonly string[]>,
  { auth }: Pick<Options, "auth">,
  nowMs: number,
): TokenResult {
  const channels = flags.get("channel") ?? [];
  const publishes = flags.get("publish") ?? [];
  const ttl = flags.get("ttl")?.at(-1);
  const ttlSecs = ttl === undefined ? auth.jwtExpirationSecs : parseDurationSecs(ttl);
  const id = flags.get("id")?.at(-1) ?? randomId();
  const problems = [
    ...patternProblems("channel", channels),
    ...patternProblems("publish", publishes),
  ];
  if (channels.length + publishes.length === 0) problems.push(channelMissing);
  if (id === "") problems.push("--id needs a value: --id ID");
  if (ttlSecs === undefined) {
    problems.push(`--ttl = ${displayed(ttl)}: expected a time such as 30s, 15m, 1h, 7d or seconds`);
  }
  if (auth.jwtSecret === undefined) problems.push(secretMissing);
  if (problems.length > 0 || ttlSecs === undefined || auth.jwtSecret === undefined) {
    return { ok: false, problems };
  }
  const claims = { id, channel: claimOf(channels), publish: claimOf(publishes) };
  return { ok: true, token: signToken(claims, auth.jwtSecret, ttlSecs, nowMs) };
}

const channelMissing = "--channel is missing: a room, or a pattern such as 'chat:*'";

const secretMissing =
  "no secret to sign with: set --jwt-secret, JWT_SECRET or [channel] jwt_secret, here and on " +
  "the server (without one the server makes a new secret at every start)";

/** One pattern as it is, several as a list. */
function claimOf(patterns: readonly string[]): string | readonly string[] | undefined {
  return patterns.length > 1 ? patterns : patterns[0];
}

function patternProblems(flag: string, patterns: readonly string[]): string[] {
  return patterns
    .filter((pattern) => !roomPattern.safeParse(pattern).success)
    .map(
      (pattern) =>
        `--${flag} = ${displayed(pattern)}: expected a room, with * only as its last character`,
    );
}
