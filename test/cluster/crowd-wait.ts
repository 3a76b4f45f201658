const POLL_MS = 100;

/** Waits until no problem remains; gives those that remain when the time is up. */
export async function remaining(
  find: () => readonly string[] | Promise<readonly string[]>,
  timeoutMs: number,
): Promise<readonly string[]> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const problems = await find();
    if (problems.length === 0 || performance.now() > endMs) return problems;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
