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

/** The configured keys; without any, a secret that nobody else knows. */
export function createKeys(auth: AuthOptions): Keys {
  const { jwtSecret, jwtPublicKey } = auth;
  const isOpenHouse = jwtSecret === undefined && jwtPublicKey === undefined;
  const secret = isOpenHouse ? randomBytes(32).toString("base64url") : jwtSecret;
  return { secret, publicKey: jwtPublicKey, isOpenHouse };
}
