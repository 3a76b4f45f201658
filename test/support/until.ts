const POLL_MS = 5;

/**
 * Waits until `probe` returns something other than undefined or false.
 *
 * @param what is named in the error when the time is up
 * @param timeoutMs deadline; the wait fails when it passes
 */
export async function until<Found>(
  what: string,
  probe: () => Found | undefined | false | Promise<Found | undefined | false>,
  timeoutMs = 5000,
): Promise<Found> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadlineMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Fails if `promise` has not settled after `timeoutMs`. */
export async function within<Value>(
  what: string,
  promise: Promise<Value>,
  timeoutMs = 5000,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${timeoutMs} ms: ${what}`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
