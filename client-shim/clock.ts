// What every runtime has, declared here so that no library of types is needed.
declare const setTimeout: (task: () => void, delayMs: number) => unknown;
declare const clearTimeout: (timer: unknown) => void;

/** Timers and chance, passed in so that a test can hold them still. */
export interface ChannelClock {
  /** Runs `task` once after `delayMs`; the returned function cancels it and may be called twice. */
  after(delayMs: number, task: () => void): () => void;
  /** At least 0, less than 1. */
  random(): number;
}

/** The machine's own. */
export const systemClock: ChannelClock = {
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};
