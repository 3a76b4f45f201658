/** A value that is there, or will be. */
export type Eventual<Value> = Value | Promise<Value>;

/** Goes on at once with a value, and later with a promise of one. */
export function after<Value, Result>(
  value: Eventual<Value>,
  next: (value: Value) => Eventual<Result>,
): Eventual<Result> {
  return value instanceof Promise ? value.then(next) : next(value);
}
