/** Why a request of a ColonyOS client fails: the HTTP status, and the text that its user sees. */
export interface Failure {
  readonly status: number;
  readonly message: string;
}

/** What became of a request. */
export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: Failure };

/** A good outcome. */
export function done<Value>(value: Value): Outcome<Value> {
  return { ok: true, value };
}

/** A bad one. */
export function failed(status: number, message: string): Outcome<never> {
  return { ok: false, failure: { status, message } };
}
