import type { z } from "zod";
import { displayed, named } from "./display.ts";
import { expectation, namesAt } from "./expectation.ts";
import type { Given } from "./given.ts";
import { nameAdvice } from "./near-miss.ts";
import { snakeCase } from "./snake-case.ts";

/** One line for a value that the schema refuses: source, key, value and what is allowed. */
export function problem(issue: z.core.$ZodIssue, given: readonly Given[]): string {
  const entry = given.find(({ setting }) =>
    setting.path.every((name, index) => name === issue.path[index]),
  );
  if (entry === undefined) return `${issue.path.join(".")}: ${issue.message}`;
  const below = issue.path.slice(entry.setting.path.length);
  const origin = [entry.origin, ...below.map(position)].join(" ");
  const value = valueAt(entry.value, below);
  if (issue.code === "unrecognized_keys") return unknownKeys(issue, origin);
  const expected = requirement(issue, entry, value);
  if (value === undefined) return `${origin}: missing; ${expected}`;
  return `${origin} = ${displayed(value, entry.setting.privacy)}: ${expected}`;
}

function position(name: PropertyKey): string {
  return typeof name === "number" ? `#${name + 1}` : snakeCase(String(name));
}

function unknownKeys({ keys, path }: z.core.$ZodIssueUnrecognizedKeys, origin: string): string {
  const known = namesAt(path).map(snakeCase);
  const [key = ""] = keys;
  if (keys.length === 1) return `${origin} ${named(key)}: unknown key; ${nameAdvice(key, known)}`;
  const names = keys.map(named).join(", ");
  return `${origin} ${names}: unknown keys; expected some of ${known.join(", ")}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  return valueAt(member(value, name), rest);
}

function member(value: unknown, name: PropertyKey): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}

function requirement(issue: z.core.$ZodIssue, { setting }: Given, value: unknown): string {
  const own = typeof setting.allowed === "function" ? setting.allowed(value) : setting.allowed;
  const isPattern = issue.code === "invalid_format" && issue.format === "regex";
  const saysItself = isPattern || issue.code === "custom";
  if (saysItself && issue.path.length > setting.path.length) return issue.message;
  if (saysItself && own === undefined) return [issue.message, ...remedyOf(setting)].join("; ");
  const allowed = own ?? expectation(issue.path);
  return allowed === undefined ? issue.message : `expected ${allowed}`;
}

function remedyOf({ remedy }: Given["setting"]): readonly string[] {
  return remedy === undefined ? [] : [remedy];
}
