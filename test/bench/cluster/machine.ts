import { cpus } from "node:os";

/** Measures how busy the machine is, from 0 to 1 of all its cores, until it is asked. */
export function measureMachine(): () => number {
  const before = readCores();
  return () => {
    const after = readCores();
    return 1 - (after.idleMs - before.idleMs) / (after.allMs - before.allMs);
  };
}

function readCores(): { readonly idleMs: number; readonly allMs: number } {
  let idleMs = 0;
  let allMs = 0;
  for (const { times } of cpus()) {
    idleMs += times.idle;
    allMs += times.idle + times.user + times.nice + times.sys + times.irq;
  }
  return { idleMs, allMs };
}
