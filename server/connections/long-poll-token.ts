import { randomBytes } from "node:crypto";

const TOKEN_BYTES = 24;
const TOKEN = /^lp-[A-Za-z0-9_-]{32}$/;

/**
 * Makes the token of a long-poll session: whoever has it reads and writes for the session's client.
 *
 * @param random gives that many random bytes, fit for secrets
 */
export function createLongPollToken(random: (bytes: number) => Buffer = randomBytes): string {
  return `lp-${random(TOKEN_BYTES).toString("base64url")}`;
}

/**
 * Whether a text has the form of such a token, alive or not. phoenix.js sends it as `token`, the
 * name under which a page may pass its own token.
 */
export function isLongPollToken(text: string): boolean {
  return TOKEN.test(text);
}
