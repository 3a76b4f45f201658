import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** The bytes that are in use, without what only waits to be collected: earlier files leave such, too. */
export function usedHeap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}
