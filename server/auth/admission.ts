import type { AuthOptions } from "../options.ts";
import type { Admission, Admit, Credentials } from "../rooms/admission.ts";
import { matches } from "../rooms/room-pattern.ts";
import type { Keys } from "./keys.ts";
import { covers } from "./token.ts";
import { createVerifier } from "./token-verifier.ts";

/**
 * Makes the rule of who may join which room.
 *
 * The join's own token counts, or else the connection's: a token that is given must be valid and
 * cover the room. Where no token is needed, a connection's token for other rooms does not shut
 * its holder out, and still says who it is.
 *
 * @throws Error if the public key cannot be used
 */
export function createAdmit(auth: AuthOptions, keys: Keys, now: () => number): Admit {
  const { anonymous, leewaySecs } = auth;
  const verify = createVerifier({ ...keys, leewaySecs }, now);
  const isWelcome = (room: string): boolean =>
    keys.isOpenHouse || anonymous.some((pattern) => matches(pattern, room));

  return (room: string, { joinToken, connectionToken }: Credentials): Admission => {
    const text = joinToken ?? connectionToken;
    if (text === undefined) {
      if (!isWelcome(room)) return { ok: false, code: "token_missing" };
      return { ok: true, id: undefined, expiresAtMs: undefined };
    }
    const verdict = verify(text);
    if (!verdict.ok) return verdict;
    const { token } = verdict;
    const isExcused = joinToken === undefined && isWelcome(room);
    if (!covers(token, room) && !isExcused) return { ok: false, code: "room_forbidden" };
    return { ok: true, id: token.id, expiresAtMs: token.expMs + leewaySecs * 1000 };
  };
}
