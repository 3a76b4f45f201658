/** A promise that is settled from outside. */
export interface Deferred<Value> {
  promise: Promise<Value>;
  resolve(value: Value | PromiseLike<Value>): void;
  reject(error: Error): void;
}

/** Makes a promise that never counts as an unhandled rejection: its callers may ignore it. */
export function deferred<Value>(): Deferred<Value> {
  const made = {} as Deferred<Value>;
  made.promise = quiet(
    new Promise((resolve, reject) => {
      made.resolve = resolve;
      made.reject = reject;
    }),
  );
  return made;
}

/** Keeps a promise that nobody waits for from being an unhandled rejection. */
export function quiet<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}
