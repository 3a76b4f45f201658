import { availableParallelism } from "node:os";
import type { Options } from "../options.ts";
import { displayed, named } from "../settings/display.ts";

/** Environment variable that says what `--workers` says. */
export const workersVariable = "COMMONROOM_WORKERS";

const MOST_WORKERS = 1024;

/** How many worker processes to start, or what is wrong, in a line. */
export type WorkerCount =
  | { readonly ok: true; readonly count: number }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads how many workers are wanted: a number, or `auto` for one for each core that this process
 * may use. The flag wins over the environment; an empty variable counts as unset. One means none
 * besides this process.
 */
export function readWorkerCount(
  flag: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  cores: () => number = availableParallelism,
): WorkerCount {
  const variable = environment[workersVariable];
  const isFlag = flag !== undefined;
  const text = isFlag ? flag : variable === undefined || variable === "" ? "1" : variable;
  if (text === "auto") return { ok: true, count: cores() };
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MOST_WORKERS) return { ok: true, count };
  const name = isFlag ? "--workers" : workersVariable;
  const problem = `${name} = ${displayed(text)}: expected a whole number from 1 to ${MOST_WORKERS}, or auto`;
  return { ok: false, problem };
}

/**
 * Why several workers cannot serve these options, a line for each reason: they have no memory in
 * common, so what must be the same for all of them needs Redis.
 */
export function workersProblems(count: number, options: Options): readonly string[] {
  if (count === 1 || options.redisUrl !== undefined) return [];
  const remedy = "needs Redis where there are several workers: set --redis, or --workers 1";
  const logged = options.rooms.filter(({ log }) => log !== undefined).map(({ match }) => match);
  return [
    ...(logged.length === 0
      ? []
      : [`the log of the rooms ${logged.map(named).join(", ")} ${remedy}`]),
    ...(servesColonies(options) ? [`[colonies] ${remedy}`] : []),
  ];
}

function servesColonies({ colonies }: Options): boolean {
  const { serverId, port, colonies: known, executors, users } = colonies;
  const isNamed = serverId !== undefined || port !== undefined;
  return isNamed || known.length + executors.length + users.length > 0;
}
