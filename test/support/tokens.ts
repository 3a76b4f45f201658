import { signToken } from "../../server/auth/token.ts";

/** The secret of servers that ask for tokens. */
export const secret = "a-secret-for-tests-only";

/**
 * A token for `channel`, valid for an hour unless told otherwise.
 *
 * @param ttlSecs a token ends with a whole second, and so up to a second earlier: one of 1 s may be
 * over before it is shown
 */
export function tokenFor(channel: string | string[], id = "ann", ttlSecs = 3600): string {
  return signToken({ id, channel }, secret, ttlSecs, Date.now());
}
