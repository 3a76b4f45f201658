import { parseArgs } from "node:util";
import { readPort } from "../support/port.ts";

/** What language the job runner is written in; `auto` is Python where it can be. */
export type RunnerName = "auto" | "python" | "typescript";

/** The command's arguments with their defaults. */
export interface Arguments {
  /** Port of the commonroom server; 0 takes a free one. */
  readonly port: number;
  /** Port of the pages; 0 takes a free one. */
  readonly pagePort: number;
  readonly runner: RunnerName;
}

/**
 * Reads the command line.
 *
 * @throws Error with one line for the user if an argument is wrong
 */
export function readArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string", default: "2347" },
      "page-port": { type: "string", default: "2348" },
      runner: { type: "string", default: "auto" },
    },
  });
  const { runner } = values;
  if (runner !== "auto" && runner !== "python" && runner !== "typescript") {
    throw new Error(`--runner is auto, python or typescript, not "${runner}"`);
  }
  return {
    port: readPort("--port", values.port),
    pagePort: readPort("--page-port", values["page-port"]),
    runner,
  };
}
