import { measureAppend } from "./log-append.ts";
import { measureRecovery } from "./log-recovery.ts";
import { formatTable } from "./table.ts";

const MAX_MORE_MICROS = 2;
const CLIENTS = 1000;
const MAX_RECOVERY_MS = 5000;

/** Measures logs in memory and prints the table: `node dist/test/bench/log.js`. */
const appends = [await measureAppend(0), await measureAppend(1)];
const recovery = await measureRecovery(CLIENTS);
const rows = [
  ...appends.map(({ members, withoutMicros, withMicros }) => [
    `a broadcast to ${members} members`,
    `${withoutMicros.toFixed(2)} us without a log, ${withMicros.toFixed(2)} us with one`,
    `<= ${MAX_MORE_MICROS} us more`,
    withMicros - withoutMicros <= MAX_MORE_MICROS ? "met" : "missed",
  ]),
  [
    `${CLIENTS} clients come back at once`,
    `${recovery.recovered} missed and ${recovery.live} live messages in ${Math.round(recovery.elapsedMs)} ms`,
    `<= ${MAX_RECOVERY_MS} ms`,
    recovery.elapsedMs <= MAX_RECOVERY_MS ? "met" : "missed",
  ],
];
console.log(formatTable(["logs", "measured", "target", ""], rows, 4));
