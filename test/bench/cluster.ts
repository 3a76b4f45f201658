import { parseArgs } from "node:util";
import { measureCluster } from "./cluster/measure.ts";
import { FULL, QUICK } from "./cluster/scale.ts";

/** Measures a cluster and prints the tables: `node dist/test/bench/cluster.js [--quick]`. */
const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
await measureCluster(values.quick ? QUICK : FULL);
