import { connectionToken } from "../auth/connection-token.ts";
import type { Engine } from "../connections/engine.ts";
import { LongPoll } from "../connections/long-poll.ts";
import { createLongPollToken } from "../connections/long-poll-token.ts";
import { createPhoenixEntrance } from "../dialects/phoenix/addresses.ts";
import type { PhoenixDialects } from "../dialects/phoenix/dialect.ts";
import type { Base } from "./base.ts";
import type { Doors } from "./doors.ts";

/** The ways in for Phoenix clients. */
export function createPhoenixDoors(
  { settings, worker, clock, log }: Base,
  { gate, onRefused }: Doors,
  dialects: PhoenixDialects,
  engine: Engine,
) {
  const enter = createPhoenixEntrance({ gate, dialects, tokenOf: connectionToken });
  const longPoll = new LongPoll({
    engine,
    enter: (request) => enter(request, "longpoll"),
    onRefused,
    onCrash: (error) => log.error({ err: error }, "connecting crashed"),
    clock,
    windowMs: settings.limits.longPollWindowMs,
    createToken: worker?.createLongPollToken ?? createLongPollToken,
  });
  return { enter, longPoll };
}
