/** Each lost race is another's success, so that only a fault gets this far. */
const MAX_ATTEMPTS = 1000;

/**
 * Repeats what others may be faster with.
 *
 * @param attempt gives undefined where somebody else has changed a record meanwhile
 * @throws Error if that goes on and on
 */
export async function retried<Value>(attempt: () => Promise<Value | undefined>): Promise<Value> {
  for (let count = 0; count < MAX_ATTEMPTS; count += 1) {
    const value = await attempt();
    if (value !== undefined) return value;
  }
  throw new Error(`a record was changed by others ${MAX_ATTEMPTS} times in a row`);
}
