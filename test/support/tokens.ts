import { signToken } from "../../server/auth/token.ts";

/** The secret of servers that ask for tokens. */
export const secret = "a-secret-for-tests-only";

/** A token for `channel`, valid for an hour unless told otherwise. */
export function tokenFor(channel: string | string[], id = "ann", ttlSecs = 3600): string {
  return signToken({ id, channel }, secret, ttlSecs, Date.now());
}
