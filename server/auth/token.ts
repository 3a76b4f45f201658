import { createSecretKey } from "node:crypto";
import jwt from "jsonwebtoken";
import { matches } from "../rooms/room-pattern.ts";

/** What a verified token says about its holder. */
export interface Token {
  /** The holder's presence key. */
  readonly id: string;
  /** The rooms it covers: names, or prefixes with one trailing `*`. Never empty. */
  readonly channels: readonly string[];
  /**
   * When it expires, in milliseconds since 1970, without any leeway. May lie further ahead than
   * one timer can wait (about 24.8 days).
   */
  readonly expMs: number;
}

/** What {@link signToken} signs. */
export interface TokenClaims {
  /** The holder's presence key. */
  readonly id: string;
  /** The room, the pattern, or a non-empty list of either. */
  readonly channel: string | readonly string[];
}

/**
 * Signs a token with HS256.
 *
 * The claims are exactly `id`, `channel` and `exp`, the header exactly `alg` and `typ`, as Tangram
 * writes them.
 *
 * @param secret - the shared secret; its UTF-8 bytes are the key, whatever they look like.
 * @param ttlSecs - life of the token, in seconds.
 * @param nowMs - the present, in milliseconds since 1970.
 * @returns the token in compact form.
 *
 * @example
 * signToken({ id: "ann", channel: "chat:*" }, secret, 3600, Date.now());
 */
export function signToken(
  claims: TokenClaims,
  secret: string,
  ttlSecs: number,
  nowMs: number,
): string {
  const exp = Math.floor(nowMs / 1000) + ttlSecs;
  const payload = { id: claims.id, channel: claims.channel, exp };
  return jwt.sign(payload, createSecretKey(secret, "utf8"), {
    algorithm: "HS256",
    noTimestamp: true,
  });
}

/** Whether the token opens the room. Says nothing about its age. */
export function covers(token: Token, room: string): boolean {
  return token.channels.some((pattern) => matches(pattern, room));
}
