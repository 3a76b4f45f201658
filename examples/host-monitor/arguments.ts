import { parseArgs } from "node:util";
import { readPort } from "../support/port.ts";

/** What language the backend is written in. */
export type BackendName = "python" | "typescript";

/** The command's arguments with their defaults. */
export interface Arguments {
  /** Port of the commonroom server; 0 takes a free one. */
  readonly port: number;
  /** Port of the page; 0 takes a free one. */
  readonly pagePort: number;
  readonly backend: BackendName;
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
      backend: { type: "string", default: "python" },
    },
  });
  const { backend } = values;
  if (backend !== "python" && backend !== "typescript") {
    throw new Error(`--backend is python or typescript, not "${backend}"`);
  }
  return {
    port: readPort("--port", values.port),
    pagePort: readPort("--page-port", values["page-port"]),
    backend,
  };
}
