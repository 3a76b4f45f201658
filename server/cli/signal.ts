import type { EventEmitter } from "node:events";
import { firstLine } from "./banner.ts";
import { printProblems } from "./output.ts";

/**
 * Closes at SIGTERM or SIGINT and then exits: with 0, or with 1 if the close fails. A second signal
 * exits with 1 at once.
 *
 * @param signals - emits an event named after each signal, as `process` does.
 */
export function closeOnSignal(
  signals: EventEmitter,
  close: () => Promise<void>,
  exit: (code: number) => void,
): void {
  let closing = false;
  const onSignal = () => {
    if (closing) return exit(1);
    closing = true;
    close().then(
      () => exit(0),
      (error: unknown) => {
        printProblems([`could not close in order: ${firstLine(error)}`]);
        exit(1);
      },
    );
  };
  signals.on("SIGTERM", onSignal);
  signals.on("SIGINT", onSignal);
}
