import { randomBytes } from "node:crypto";
import type { AuthOptions } from "../options.ts";

/** What tokens are signed and checked with. */
export interface Keys {
  /** Secret of HS256 tokens; undefined where only a public key is known. */
  readonly secret: string | undefined;
  readonly publicKey: string | undefined;
  /** Whether the house is open: no key was configured, and the secret is made for this run. */
  readonly isOpenHouse: boolean;
}

/** A secret for one run, that nobody else knows. */
export function createRunSecret(): string {
  return randomBytes(32).toString("base64url");
}

/**
 * The configured keys; without any, the secret of this run.
 *
 * @param runSecret what the worker processes of one server share. Default: made anew
 */
export function createKeys(auth: AuthOptions, runSecret: string = createRunSecret()): Keys {
  const { jwtSecret, jwtPublicKey } = auth;
  const isOpenHouse = jwtSecret === undefined && jwtPublicKey === undefined;
  const secret = isOpenHouse ? runSecret : jwtSecret;
  return { secret, publicKey: jwtPublicKey, isOpenHouse };
}
