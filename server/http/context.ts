import type { Router } from "express";
import type { AuthOptions } from "../options.ts";

/** What the HTTP routes need of the server around them. */
export interface HttpContext {
  readonly auth: AuthOptions;
  /**
   * Secret that `POST /token` signs with; in an open house one made for this run. `undefined` if
   * the server knows a public key only, and so cannot sign.
   */
  readonly tokenSecret: string | undefined;
  /** Whether the server listens on loopback addresses only. */
  readonly loopbackOnly: boolean;
  /** The present, in milliseconds since 1970. */
  readonly now: () => number;
  /** Makes an id for a token whose asker brought none: 8 characters `[A-Za-z0-9]`. */
  readonly randomId: () => string;
  /** Largest request body, in bytes. */
  readonly maxBodyBytes: number;
  /** What `GET /health` answers, as JSON. */
  readonly health: () => unknown;
  /** Told of every error that became a 500, or that cut an answer short. */
  readonly onError: (error: unknown) => void;
  /** The live page at `/`, if there is one. */
  readonly page?: Router | undefined;
}
