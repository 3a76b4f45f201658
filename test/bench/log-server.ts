import { createCommonroom } from "../../server/index.ts";

const ROOM = "log:bench";
const MISSED = 100;
const LIVE_EVERY_MS = 10;

/** Serves a room with a log, into which messages go all the time, for as long as its parent lives. */
const commonroom = createCommonroom({
  port: 0,
  logLevel: "silent",
  rooms: [{ match: "log:*", log: { size: 10_000 }, presence: false }],
});
const { port } = await commonroom.listen();
let n = 0;
const say = (): void => {
  n += 1;
  commonroom.io.to(ROOM).emit("said", { n, text: "as long as a message in a chat tends to be" });
};
for (let sent = 0; sent < MISSED; sent += 1) say();
setInterval(say, LIVE_EVERY_MS);
process.on("disconnect", () => process.exit());
process.send?.({ port });
