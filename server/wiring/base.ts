import { randomBytes } from "node:crypto";
import { type Logger, pino } from "pino";
import type { ApplicationServer } from "../attach.ts";
import { createKeys, type Keys } from "../auth/keys.ts";
import { inMemory, overRedis, type ScaleOut } from "../bus/scale-out.ts";
import { type Clock, systemClock } from "../clock.ts";
import { Batch } from "../connections/batch.ts";
import type { ConnectHook } from "../connections/connect.ts";
import { Outgoing } from "../connections/outgoing.ts";
import { type Counters, createCounters } from "../counters.ts";
import type { CanSee, ResolveUser } from "../dialects/tower/hooks.ts";
import type { Options } from "../options.ts";
import { createProblemLog, type ProblemLog } from "../problem-log.ts";
import { Passes } from "../rooms/passes.ts";
import type { WorkerPlace } from "../workers/place.ts";
import { overWorkers } from "../workers/scale-out.ts";

/** Where a node serves, if at an application's server. */
export interface Place {
  server: ApplicationServer | undefined;
}

/** What the application adds, and what a test may put in the place of the machine's own. */
export interface Surroundings {
  /** Decides who may connect, and who they are. Default: everyone, and nobody in particular. */
  readonly connect?: ConnectHook;
  /** Tells who a Tower client is, by its cookies for instance. Default: its token tells. */
  readonly resolveUser?: ResolveUser;
  /** Tells which resources' events a Tower client may have. Default: its token tells. */
  readonly canSee?: CanSee;
  /** Set where this process is one of several workers of `commonroom serve --workers`. */
  readonly worker?: WorkerPlace;
  readonly clock?: Clock;
  readonly log?: Logger;
}

/** What every part may need. */
export interface Base {
  readonly settings: Options;
  readonly worker: WorkerPlace | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly counters: Counters;
  readonly problem: ProblemLog;
  readonly keys: Keys;
  readonly scaleOut: ScaleOut;
  readonly outgoing: Outgoing;
  readonly batch: Batch;
  /** Of those whom their dialects know without a token. */
  readonly passes: Passes;
}

const PASS_KEY_BYTES = 32;

/** Makes what every part may need. */
export function createBase(settings: Options, surroundings: Surroundings): Base {
  const { clock = systemClock, log = createLog(settings.logLevel) } = surroundings;
  const { worker } = surroundings;
  const counters = worker?.counters ?? createCounters();
  const problem = createProblemLog(log, clock);
  return {
    settings,
    worker,
    clock,
    log,
    counters,
    problem,
    keys: createKeys(settings.auth, worker?.runSecret),
    scaleOut: createScaleOut(settings, { counters, clock, log, problem }, worker),
    outgoing: new Outgoing(),
    batch: new Batch(),
    passes: new Passes(randomBytes(PASS_KEY_BYTES)),
  };
}

/** A frame may be twice as long in JSON, and has company in a message. */
const MESSAGE_FACTOR = 4;

/** Lines go to stderr: stdout belongs to the command that was called. */
function createLog(level: string): Logger {
  return pino({ level }, pino.destination({ dest: 2, sync: false }));
}

function createScaleOut(
  { redisUrl: url, redisAdapter, redisSubscribe, limits, auth }: Options,
  { counters, clock, log, problem }: Pick<Base, "counters" | "clock" | "log" | "problem">,
  worker: WorkerPlace | undefined,
): ScaleOut {
  if (url === undefined) return worker === undefined ? inMemory() : overWorkers(worker);
  return overRedis(url, {
    counters,
    clock,
    secret: auth.jwtSecret,
    adapter: redisAdapter,
    subscribe: redisSubscribe,
    maxMessageBytes: MESSAGE_FACTOR * limits.maxFrameBytes,
    onStatus: (status, reason) => {
      if (status === "up") log.info("Redis is reachable");
      else log.warn({ reason }, "Redis is not reachable; local rooms go on");
    },
    onProblem: (text, channel) => problem(text, { channel }),
  });
}
