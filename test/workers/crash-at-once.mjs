import cluster from "node:cluster";

// All of them, or all but one, by its place in the order in which they were started.
const isSpared = String(cluster.worker?.id) === process.env["SPARED_WORKER"];
if (cluster.isWorker && !isSpared) process.exit(7);
