import { mayPublish } from "../auth/token.ts";
import type { Verdict } from "../auth/token-verifier.ts";
import type { RefusalCode } from "../codes.ts";
import { bearerOf } from "../shown-tokens.ts";
import type { HttpContext, Publishing } from "./context.ts";
import { keyCheck } from "./token-access.ts";

/** Where a caller may publish, or why it may not at all. */
export type PublishAccess =
  | { readonly ok: true; readonly covers: (room: string) => boolean }
  | {
      readonly ok: false;
      readonly code: Extract<RefusalCode, "token_missing" | "token_invalid" | "token_expired">;
    };

const everywhere: PublishAccess = { ok: true, covers: () => true };

/**
 * Makes the rule of who may publish where: the holder of an API key everywhere, the holder of a
 * token where its claim `publish` says. In an open house on loopback nobody needs either, but a
 * credential that is given must be good.
 *
 * @returns takes a request's `Authorization` header
 */
export function publishAccess(
  context: Pick<HttpContext, "auth" | "loopbackOnly">,
  { verify, isOpenHouse }: Publishing,
): (authorization: string | undefined) => PublishAccess {
  const holdsKey = keyCheck(context.auth.apiKeys);
  return (authorization) => {
    if (authorization === undefined || authorization === "") {
      return isOpenHouse && context.loopbackOnly
        ? everywhere
        : { ok: false, code: "token_missing" };
    }
    if (holdsKey(authorization)) return everywhere;
    return tokenAccess(verify(bearerOf({ authorization }) ?? ""));
  };
}

function tokenAccess(verdict: Verdict): PublishAccess {
  if (!verdict.ok) return verdict;
  const { token } = verdict;
  return { ok: true, covers: (room) => mayPublish(token, room) };
}
