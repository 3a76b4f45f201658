import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
/** Collects what nothing refers to any more. */
export const collectGarbage = runInNewContext("gc") as () => void;

/** The bytes that are in use, without what only waits to be collected: earlier files leave such, too. */
export function usedHeap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
