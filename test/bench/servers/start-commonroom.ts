import { createCommonroom } from "../../../server/index.ts";
import { EVENT, PATIENCE_MS, ROOM } from "../load.ts";
import { serve } from "./serve.ts";

/** Starts the server of this project, with members of any dialect, which get this payload. */
export async function startCommonroom(payload: () => object): Promise<void> {
  const commonroom = createCommonroom({
    port: 0,
    logLevel: "silent",
    // With presence, every one of n members would be told of every other while they join.
    rooms: [
      { match: "bench-*", deliver: "members", presence: false },
      { match: "*", presence: false },
    ],
    limits: { idleTimeoutMs: PATIENCE_MS },
  });
  const { port } = await commonroom.listen();
  serve({
    port,
    publish: () => commonroom.io.to(ROOM).emit(EVENT, payload(), { room: ROOM }),
  });
}
