import { createCommonroom } from "../../../server/index.ts";
import { PATIENCE_MS } from "../load.ts";
import { serve } from "../servers/serve.ts";

/** One node of a cluster, on the Redis at the URL that is given as its argument. */
const commonroom = createCommonroom({
  port: 0,
  logLevel: "silent",
  redisUrl: process.argv[2],
  rooms: [
    { match: "shown:*", deliver: "members" },
    { match: "*", deliver: "members", presence: false },
  ],
  limits: { idleTimeoutMs: PATIENCE_MS },
});
const { port } = await commonroom.listen();
serve({
  port,
  publish: () => {
    throw new Error("a node only passes on");
  },
});
