import { type ParseArgsConfig, parseArgs } from "node:util";
import { readPort } from "./port.ts";

/** An example's arguments with their defaults. */
export interface Arguments {
  /** Port of the commonroom server; 0 takes a free one. */
  readonly port: number;
  /** Port of the pages; 0 takes a free one. */
  readonly pagePort: number;
}

/** Arguments, and what was chosen of several values. */
export interface Choice<Value extends string> extends Arguments {
  readonly choice: Value;
}

const ports = {
  port: { type: "string", default: "2347" },
  "page-port": { type: "string", default: "2348" },
} as const satisfies ParseArgsConfig["options"];

/**
 * Reads the command line.
 *
 * @throws Error with one line for the user if an argument is wrong
 */
export function readArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({ args: [...args], options: ports });
  return portsOf(values);
}

/**
 * Reads the command line of an example that has one more argument.
 *
 * @param name of the argument, without its dashes
 * @param allowed its values, the default first
 * @throws Error with one line for the user if an argument is wrong
 */
export function readChoice<Value extends string>(
  args: readonly string[],
  name: string,
  allowed: readonly [Value, ...Value[]],
): Choice<Value> {
  const option = { type: "string", default: allowed[0] } as const;
  const { values } = parseArgs({ args: [...args], options: { ...ports, [name]: option } });
  const given: unknown = Object.entries(values).find(([key]) => key === name)?.[1];
  const choice = allowed.find((value) => value === given);
  if (choice === undefined) throw new Error(`--${name} is ${listed(allowed)}, not "${given}"`);
  return { ...portsOf(values), choice };
}

function portsOf(values: { readonly port: string; readonly "page-port": string }): Arguments {
  return {
    port: readPort("--port", values.port),
    pagePort: readPort("--page-port", values["page-port"]),
  };
}

function listed(values: readonly string[]): string {
  return `${values.slice(0, -1).join(", ")} or ${values.at(-1)}`;
}
