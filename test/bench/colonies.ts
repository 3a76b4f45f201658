import { measureAppends } from "./colonies-appends.ts";
import { formatTable } from "./table.ts";

const APPENDS_PER_SEC = 200;
const SECONDS = 10;
const MAX_DELAY_MS = 20;

/** Measures ColonyOS channels in memory: `node dist/test/bench/colonies.js`. */
const { quietMs, busyMs } = await measureAppends(APPENDS_PER_SEC, SECONDS);
const row = [
  `${APPENDS_PER_SEC} signed appends a second`,
  `${busyMs.toFixed(1)} ms at p99 in another room, ${quietMs.toFixed(1)} ms without them`,
  `<= ${MAX_DELAY_MS} ms more`,
  busyMs - quietMs <= MAX_DELAY_MS ? "met" : "missed",
];
console.log(formatTable(["colonies", "measured", "target", ""], [row], 4));
