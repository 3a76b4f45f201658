import { createCommonroom } from "../../server/index.ts";

const ROOM = "bench";
const SAY_EVERY_MS = 5;

/**
 * Serves ColonyOS clients, and a room of other people to whom it says the time, for as long as its
 * parent lives. The house is open, so that any key is welcome.
 */
const commonroom = createCommonroom({
  port: 0,
  logLevel: "silent",
  colonies: { appendBurst: 100_000, appendsPerSec: 10_000, maxChannelEntries: 1_000_000 },
});
const { port } = await commonroom.listen();
setInterval(() => {
  commonroom.io.to(ROOM).emit("time", { atMicros: Number(process.hrtime.bigint() / 1000n) });
}, SAY_EVERY_MS);
process.on("disconnect", () => process.exit());
process.send?.({ port });
