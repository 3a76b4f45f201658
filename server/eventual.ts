/** A value that is there, or will be. */
export type Eventual<Value> = Value | Promise<Value>;

/**
 * Goes on with a value: at once where it is there, so that what takes no time keeps nobody waiting.
 */
export function after<Value, Result>(
  value: Eventual<Value>,
  next: (value: Value) => Eventual<Result>,
): Eventual<Result> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** All values, in their order; at once where all of them are there. */
export function all<Value>(values: readonly Eventual<Value>[]): Eventual<Value[]> {
  const isSettled = (value: Eventual<Value>): value is Value => !(value instanceof Promise);
  return values.every(isSettled) ? [...values] : Promise.all(values);
}
