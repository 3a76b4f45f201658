import cluster from "node:cluster";

if (cluster.isWorker) setTimeout(() => process.exit(7), 20);
