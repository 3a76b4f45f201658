import { createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import jwt from "jsonwebtoken";
import { z } from "zod";
import type { RefusalCode } from "../codes.ts";
import type { Token } from "./token.ts";
import { TokenMemory } from "./token-memory.ts";

/** A token's verdict: what it says, or the code of the refusal. */
export type Verdict =
  | { readonly ok: true; readonly token: Token }
  | {
      readonly ok: false;
      readonly code: Extract<RefusalCode, "token_invalid" | "token_expired">;
    };

/** Checks a token. Never throws, whatever the text. */
export type Verify = (text: string) => Verdict;

/** The keys a verifier trusts. */
export interface VerifierKeys {
  /** Shared secret of HS256 tokens. */
  readonly secret?: string | undefined;
  /** PEM public key of RS256 (RSA, 2048 bits or more) or ES256 (EC, P-256) tokens. */
  readonly publicKey?: string | undefined;
  /** How long after its `exp`, or before its `nbf`, a token counts, in seconds. */
  readonly leewaySecs: number;
}

/** Longest token that is looked at, in characters. Longer ones are invalid. */
export const maxTokenChars = 65_536;

const patternsSchema = z.union([z.string(), z.array(z.string()).min(1)]).optional();

const claimsSchema = z
  .object({
    id: z.string(),
    channel: patternsSchema,
    publish: patternsSchema,
    exp: z.number().nonnegative().max(Number.MAX_SAFE_INTEGER),
    nbf: z.number().optional(),
  })
  .refine(({ channel, publish }) => channel !== undefined || publish !== undefined);

const headerSchema = z.object({
  alg: z.enum(["HS256", "RS256", "ES256"]),
  // RFC 7515, section 4.1.11: a critical extension that is not understood makes a token invalid.
  crit: z.never().optional(),
});

type Algorithm = z.infer<typeof headerSchema>["alg"];

/** What a token says that is otherwise valid, whatever the time. */
interface Claims {
  readonly token: Token;
  /** When it begins to count, in milliseconds since 1970; 0 where it does not say. */
  readonly nbfMs: number;
}

const invalid = { ok: false, code: "token_invalid" } as const;
const expired = { ok: false, code: "token_expired" } as const;

/**
 * Makes the function that checks tokens.
 *
 * Each algorithm has its own key: HS256 the secret, RS256 or ES256 the public key. A token chooses
 * among them by its `alg`, and any other `alg` is refused. `id`, `exp`, and `channel` or `publish`
 * are required; `aud`, `iss` and `sub` are ignored. A token that has expired is `token_expired` only if it is
 * otherwise valid. Without a secret and a public key every token is invalid.
 *
 * A token whose signature holds is remembered for a minute; its age is judged at each use.
 *
 * @param now - the present, in milliseconds since 1970.
 * @throws Error if the public key cannot be used.
 *
 * @example
 * const verify = createVerifier({ secret, leewaySecs: 0 }, Date.now);
 * const verdict = verify(text);
 * if (verdict.ok && covers(verdict.token, "chat:lobby")) join();
 */
export function createVerifier(auth: VerifierKeys, now: () => number): Verify {
  const keys = keysByAlgorithm(auth);
  const leewayMs = auth.leewaySecs * 1000;
  const memory = new TokenMemory<Claims>(now);
  const check = (text: string): Claims | undefined => readClaims(signedPayload(text, keys));

  return (text) => {
    if (text.length > maxTokenChars) return invalid;
    const claims = memory.recall(text, check);
    if (claims === undefined) return invalid;
    const { token, nbfMs } = claims;
    const nowMs = now();
    if (token.expMs + leewayMs < nowMs) return expired;
    if (nbfMs - leewayMs > nowMs) return invalid;
    return { ok: true, token };
  };
}

function readClaims(payload: unknown): Claims | undefined {
  const read = claimsSchema.safeParse(payload);
  if (!read.success) return undefined;
  const { id, channel, publish, exp, nbf = 0 } = read.data;
  const token = {
    id,
    channels: listOf(channel),
    publishes: listOf(publish),
    expMs: exp * 1000,
  };
  return { token, nbfMs: nbf * 1000 };
}

function listOf(patterns: string | readonly string[] | undefined): readonly string[] {
  if (patterns === undefined) return [];
  return typeof patterns === "string" ? [patterns] : patterns;
}

/** The payload of a token whose signature holds, else `undefined`. */
function signedPayload(text: string, keys: ReadonlyMap<string, KeyObject>): unknown {
  try {
    const header = headerSchema.safeParse(jwt.decode(text, { complete: true })?.header).data;
    const key = header && keys.get(header.alg);
    if (!key) return undefined;
    // `exp` and `nbf` are checked by the caller: in milliseconds and with the clock passed in.
    return jwt.verify(text, key, {
      algorithms: [header.alg],
      ignoreExpiration: true,
      ignoreNotBefore: true,
    });
  } catch {
    // The keys were checked when the verifier was made, so only the token can be at fault.
    return undefined;
  }
}

function keysByAlgorithm(auth: VerifierKeys): ReadonlyMap<string, KeyObject> {
  const keys = new Map<Algorithm, KeyObject>();
  if (auth.secret !== undefined) keys.set("HS256", createSecretKey(Buffer.from(auth.secret)));
  if (auth.publicKey !== undefined) {
    const key = readPublicKey(auth.publicKey);
    keys.set(algorithmFor(key), key);
  }
  return keys;
}

function readPublicKey(pem: string): KeyObject {
  // Node would derive the public key from a private one, which has no business being here.
  if (pem.includes("PRIVATE KEY")) throw new Error("the public key is a private key");
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw new Error("the public key is not a PEM public key", { cause });
  }
}

function algorithmFor(key: KeyObject): Algorithm {
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "rsa" && modulusLength >= 2048) return "RS256";
  if (key.asymmetricKeyType === "ec" && namedCurve === "prime256v1") return "ES256";
  throw new Error("the public key must be RSA with 2048 bits or more, or EC on the curve P-256");
}
