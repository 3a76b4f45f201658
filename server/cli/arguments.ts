import { type ParseArgsConfig, parseArgs } from "node:util";
import { named } from "../settings/display.ts";
import { nearMiss } from "../settings/near-miss.ts";
import type { Command, Flag } from "./command.ts";

/** The flags of one call, or what is wrong with them: one line a problem, without any value. */
export type Arguments =
  | { readonly ok: true; readonly values: ReadonlyMap<string, readonly string[]> }
  | { readonly ok: false; readonly problems: readonly string[] };

type Tokens = NonNullable<ReturnType<typeof parse>["tokens"]>;
type Token = Tokens[number];
type FlagToken = Extract<Token, { kind: "option" }>;

function parse(command: Command, args: readonly string[]) {
  const options: ParseArgsConfig["options"] = Object.fromEntries(
    command.flags.map((flag) => [flag.name, optionOf(flag)]),
  );
  // Not strict: its errors would name one problem at a time, and quote values.
  return parseArgs({ args: [...args], options, strict: false, tokens: true });
}

function optionOf(flag: Flag) {
  const type = flag.placeholder === undefined ? ("boolean" as const) : ("string" as const);
  return flag.name === "help" ? { type, short: "h" } : { type };
}

/** Reads the arguments of a command. A flag that is given twice has both values, in order. */
export function readArguments(command: Command, args: readonly string[]): Arguments {
  const { tokens } = parse(command, args);
  const values = new Map<string, string[]>();
  const problems: string[] = [];
  let isAfterProblem = false;
  for (const token of tokens ?? []) {
    // What follows a wrong flag is most likely its value: one mistake, one line.
    if (token.kind === "positional" && isAfterProblem) continue;
    const wrong = problemOf(token, command);
    isAfterProblem = wrong !== undefined && token.kind === "option";
    if (wrong !== undefined) problems.push(wrong);
    else if (token.kind === "option") {
      values.set(token.name, [...(values.get(token.name) ?? []), token.value ?? ""]);
    }
  }
  // Who asks for help gets it, whatever else is wrong.
  if (problems.length > 0 && !values.has("help")) return { ok: false, problems };
  return { ok: true, values };
}

function problemOf(token: Token, command: Command): string | undefined {
  if (token.kind === "option-terminator") return undefined;
  if (token.kind === "positional") {
    return `argument ${token.index + 1} after ${command.name} is not a flag; a value with spaces needs quotes`;
  }
  const flag = command.flags.find(({ name }) => name === token.name);
  return flag === undefined ? unknownFlag(token, command) : valueProblem(token, flag);
}

function unknownFlag({ name, rawName }: FlagToken, command: Command): string {
  const near = nearMiss(
    name,
    command.flags.map((flag) => flag.name),
  );
  const advice =
    near === undefined ? `see commonroom ${command.name} --help` : `did you mean --${near}?`;
  return `unknown flag ${named(rawName)}; ${advice}`;
}

function valueProblem({ value, inlineValue }: FlagToken, flag: Flag): string | undefined {
  if (flag.placeholder === undefined) {
    return value === undefined ? undefined : `--${flag.name} takes no value`;
  }
  if (value === undefined)
    return `--${flag.name} needs a value: --${flag.name} ${flag.placeholder}`;
  // Else `--host --port 3000` would listen on a host called --port.
  if (inlineValue === true || !/^-./.test(value)) return undefined;
  return `--${flag.name} needs a value; write --${flag.name}=VALUE for one that starts with a dash`;
}
