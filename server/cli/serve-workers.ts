import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { createRunSecret } from "../auth/keys.ts";
import { systemClock } from "../clock.ts";
import type { Options } from "../options.ts";
import { Primary } from "../workers/primary.ts";
import { bannerLines } from "./banner.ts";
import { print, printProblems } from "./output.ts";

/**
 * Runs a server in several worker processes until SIGTERM or SIGINT. They end in good order, and
 * this process with 0; at a second signal, and where they cannot be kept going, with 1.
 */
export function serveWorkers(options: Options, count: number): void {
  const primary = new Primary({
    options,
    count,
    entry: fileURLToPath(new URL(`worker-process${extname(import.meta.url)}`, import.meta.url)),
    runSecret: createRunSecret(),
    clock: systemClock,
    onServing: (address, redis) => print(bannerLines(address, options, redis, count)),
    onProblem: (problem) => printProblems([problem]),
    onEnd: (exitCode) => process.exit(exitCode),
  });
  let isStopping = false;
  const onSignal = (): void => {
    if (isStopping) primary.kill();
    else primary.stop();
    isStopping = true;
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  primary.start();
}
