import type { RefusalCode } from "../codes.ts";

/** What a client brings when it asks to join a room. */
export interface Credentials {
  /** The token in the join's own params. */
  readonly joinToken: string | undefined;
  /** The token that the connection was opened with. */
  readonly connectionToken: string | undefined;
}

/** Whether a join is allowed, and as whom. */
export type Admission =
  | {
      readonly ok: true;
      /** Presence key that the token names; undefined where no token was needed. */
      readonly id: string | undefined;
      /** When the membership ends, or undefined if it does not. */
      readonly expiresAtMs: number | undefined;
    }
  | { readonly ok: false; readonly code: RefusalCode };

/** Decides who may join which room. `auth` provides it. */
export type Admit = (room: string, credentials: Credentials) => Admission;

/** A room's own name, and the one by which it was asked for, which may be an alias. */
export type BothNames = readonly [room: string, name: string];

/** Decides on a room that has two names: a token covers it under either. */
export function admitUnderEither(
  admit: Admit,
  [room, name]: BothNames,
  credentials: Credentials,
): Admission {
  const admission = admit(room, credentials);
  if (admission.ok || room === name || admission.code !== "room_forbidden") return admission;
  return admit(name, credentials);
}
