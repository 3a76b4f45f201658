import { createSecretKey } from "node:crypto";
import jwt from "jsonwebtoken";
import { matches } from "../rooms/room-pattern.ts";

/** What a verified token says about its holder. */
export interface Token {
  /** The holder's presence key. */
  readonly id: string;
  /**
   * The rooms it opens: names, or prefixes with one trailing `*`. Empty if it is for publishing
   * only.
   */
  readonly channels: readonly string[];
  /** The rooms that its holder may publish in without being a member, in the same form. */
  readonly publishes: readonly string[];
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
  /** The room, the pattern, or a non-empty list of either. A token needs this or `publish`. */
  readonly channel?: string | readonly string[] | undefined;
  /** Where `POST /publish` takes it, in the same form. */
  readonly publish?: string | readonly string[] | undefined;
}

/**
 * Signs a token with HS256.
 *
 * The claims are exactly `id`, `channel` and `exp`, the header exactly `alg` and `typ`, as Tangram
 * writes them; and `publish`, where it is given.
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
  const { id, channel, publish } = claims;
  // What is undefined is left out of JSON.
  const payload = { id, channel, publish, exp };
  return jwt.sign(payload, createSecretKey(Buffer.from(secret)), {
    algorithm: "HS256",
    noTimestamp: true,
  });
}

/** Whether the token opens the room. Says nothing about its age. */
export function covers(token: Token, room: string): boolean {
  return token.channels.some((pattern) => matches(pattern, room));
}

/** Whether the token's holder may publish in the room. Says nothing about its age. */
export function mayPublish(token: Token, room: string): boolean {
  return token.publishes.some((pattern) => matches(pattern, room));
}
